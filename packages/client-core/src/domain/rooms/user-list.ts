import { type Nickname, nicknameKey, type UserEntry } from '@parley/protocol';

/**
 * Who is in the room. Filled from the server's pages, kept up by arrivals and departures. The connection orders
 * all of it: an arrival before the first page is on the page, one after it is added to it.
 */
export class UserList {
  #users = new Map<string, UserEntry>();

  /** In the order of arrival. */
  get all(): readonly UserEntry[] {
    return Array.from(this.#users.values()).sort((left, right) => left.joinedAt - right.joinedAt);
  }

  get count(): number {
    return this.#users.size;
  }

  /** Takes over a page; the first one replaces what was known. */
  applyPage(users: readonly UserEntry[], isFirst: boolean): void {
    if (isFirst) this.#users = new Map();
    for (const user of users) this.#users.set(nicknameKey(user.nickname), user);
  }

  has(nickname: Nickname): boolean {
    return this.#users.has(nicknameKey(nickname));
  }

  join(user: UserEntry): void {
    this.#users.set(nicknameKey(user.nickname), user);
  }

  leave(nickname: Nickname): void {
    this.#users.delete(nicknameKey(nickname));
  }
}
