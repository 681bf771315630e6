import type { CredentialEntry, LoginToken } from '@parley/protocol';
import type { ClientCommand, CommandResults } from '../domain/events.ts';
import type { KeyCredential } from '../domain/session/credential.ts';

/** Carries out a command of the client. */
export type RunCommand = <Command extends ClientCommand>(
  command: Command,
) => Promise<CommandResults[Command['type']]>;

/** The account of the user: a nickname that is theirs alone. */
export class AccountCommands {
  readonly #run: RunCommand;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  /**
   * Makes an account. Before the client has a nickname it takes one, and comes in with it; afterwards it makes an account
   * of that one. `invite` is the code that some servers want.
   */
  create(options: {
    readonly password: string;
    readonly nickname?: string;
    readonly invite?: string;
  }): Promise<CommandResults['create-account']> {
    const { password, nickname, invite } = options;
    return this.#run({ type: 'create-account', password, nickname, invite });
  }

  /** Has the account know a key (`createLoginKey`), under a name: with it one comes in without a password. */
  addKey(name: string, { publicKey }: KeyCredential): Promise<undefined> {
    return this.#run({ type: 'add-key', name, publicKey });
  }

  /** Makes a token for a program that comes in as this user. Nobody is ever shown it again. */
  createToken(name: string): Promise<LoginToken> {
    return this.#run({ type: 'create-token', name });
  }

  /** The keys and tokens of the account. */
  credentials(): Promise<readonly CredentialEntry[]> {
    return this.#run({ type: 'list-credentials' });
  }

  /** Makes a key or a token worthless, and ends the sessions that came by it. */
  revoke(name: string): Promise<undefined> {
    return this.#run({ type: 'revoke-credential', name });
  }

  /** Deletes the account: the session ends, what was said stays, and nobody gets the nickname. */
  delete(password: string): Promise<undefined> {
    return this.#run({ type: 'delete-account', password });
  }

  /** Gives the account another password. */
  setPassword(current: string, password: string): Promise<undefined> {
    return this.#run({ type: 'set-password', current, password });
  }
}
