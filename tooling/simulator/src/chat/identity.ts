/** Who a person is to the server, on all their devices: a nickname and a password; another one after the account was deleted. */
export class Identity {
  readonly #name: string;
  #generation = 0;
  #hasAccount = false;
  #mayBeDeleted = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** How many accounts were deleted before this one. */
  get generation(): number {
    return this.#generation;
  }

  get nickname(): string {
    return this.#nicknameOf(this.#generation);
  }

  /** The nickname of the account that was deleted last. */
  get formerNickname(): string | undefined {
    return this.#generation === 0 ? undefined : this.#nicknameOf(this.#generation - 1);
  }

  get password(): string {
    return `the password of ${this.nickname}`;
  }

  /** Whether an account was made and, as far as one knows, not deleted. */
  get hasAccount(): boolean {
    return this.#hasAccount;
  }

  /** Whether one of the devices has asked for the end of the account. */
  get mayBeDeleted(): boolean {
    return this.#mayBeDeleted;
  }

  noteAccount(): void {
    this.#hasAccount = true;
  }

  noteDeletion(): void {
    this.#mayBeDeleted = true;
  }

  /** The account is gone: somebody else from now on. Of several devices that find that out the first one counts. */
  renew(generation: number): void {
    if (generation !== this.#generation) return;
    this.#generation += 1;
    this.#hasAccount = false;
    this.#mayBeDeleted = false;
  }

  #nicknameOf(generation: number): string {
    return generation === 0 ? this.#name : `${this.#name}x${generation}`;
  }
}
