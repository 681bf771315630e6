import { type ClientMessageId, type NicknameKey, nicknameKey, type ServerMessage } from '@parley/protocol';
import type { AccountChange, ConnectionId, Effect, ServerEvent } from '@parley/server-core/pure';
import type { Violations } from '../../checkers/violations.ts';

type Operations = Extract<Effect, { type: 'write' }>['operations'];
type Ban = Extract<AccountChange, { type: 'put-ban' }>['ban'];
type Mute = Extract<AccountChange, { type: 'put-mute' }>['mute'];

/**
 * Holds what the server does against what those in charge have decided: who is muted writes nothing that came after that, who
 * is banned is not let in, and nobody gets the nickname of an account without being its owner. It knows people by what the
 * server itself has told them.
 */
export class AuthorityChecker {
  readonly #violations: Violations;
  readonly #wallClock: () => number;
  /** What is on the disk: what a new life of the server begins with. */
  #kept: AccountChange[] = [];
  #mutes = new Map<string, Mute>();
  #bans = new Map<number, Ban>();
  #operators = new Set<NicknameKey>();
  #owners = new Map<NicknameKey, string>();
  readonly #people = new Map<ConnectionId, NicknameKey>();
  readonly #taken = new Set<string>();
  readonly #forbidden = new Set<string>();

  constructor(violations: Violations, wallClock: () => number) {
    this.#violations = violations;
    this.#wallClock = wallClock;
  }

  /** Changes are on the disk. */
  noteKept(changes: readonly AccountChange[]): void {
    this.#kept.push(...changes);
  }

  /** A server begins with what is on the disk. */
  noteStart(): void {
    this.#mutes = new Map();
    this.#bans = new Map();
    this.#operators = new Set();
    this.#owners = new Map();
    this.#people.clear();
    this.noteInForce(this.#kept);
  }

  /** The server is told that changes are durable: from now on they hold. */
  noteInForce(changes: readonly AccountChange[]): void {
    for (const change of changes) {
      switch (change.type) {
        case 'put-account': {
          const key = nicknameKey(change.account.nickname);
          const owner = this.#owners.get(key);
          this.#require(
            owner === undefined || owner === change.account.userId,
            () => `${key} has two owners`,
          );
          this.#owners.set(key, change.account.userId);
          break;
        }
        case 'put-mute':
          this.#mutes.set(placed(change.mute.roomKey, change.mute.userId), change.mute);
          break;
        case 'remove-mute':
          this.#mutes.delete(placed(change.roomKey, change.userId));
          break;
        case 'put-ban':
          this.#bans.set(change.ban.banId, change.ban);
          break;
        case 'remove-ban':
          this.#bans.delete(change.banId);
          break;
        case 'put-role':
          if (change.role.role === 'operator') this.#operators.add(nicknameKey(change.role.nickname));
          break;
        default:
      }
    }
  }

  /** Before the server handles it. */
  noteEvent(event: ServerEvent): void {
    if (event.type === 'connection-closed') this.#people.delete(event.connectionId);
    if (event.type !== 'message-received' || event.message.type !== 'say') return;
    const { clientMessageId } = event.message;
    const who = this.#people.get(event.connectionId);
    const id = idText(clientMessageId);
    // What is sent again was perhaps taken the first time.
    if (who === undefined || this.#taken.has(id)) return;
    if (this.#isMutedEverywhere(who)) this.#forbidden.add(id);
    else this.#taken.add(id);
  }

  noteSent(connectionId: ConnectionId, message: ServerMessage): void {
    if (message.type === 'goodbye') this.#people.delete(connectionId);
    if (message.type !== 'registered') return;
    const key = nicknameKey(message.nickname);
    this.#people.set(connectionId, key);
    this.#require(!this.#isBanned(key), () => `${key} is banned, and was let in`);
  }

  noteWrite(operations: Operations): void {
    for (const operation of operations) {
      if (operation.type !== 'append' || operation.entry.kind !== 'text') continue;
      const { from, text, clientMessageId } = operation.entry;
      const isForbidden = this.#forbidden.has(idText(clientMessageId));
      this.#require(!isForbidden, () => `${from} is muted, and said "${text}"`);
    }
  }

  #isMutedEverywhere(who: NicknameKey): boolean {
    if (this.#operators.has(who)) return false;
    return [...this.#mutes.values()].some(
      ({ roomKey, nickname, until }) =>
        roomKey === undefined && nicknameKey(nickname) === who && this.#holds(until),
    );
  }

  #isBanned(who: NicknameKey): boolean {
    return [...this.#bans.values()].some(
      ({ roomKey, kind, userId, until }) =>
        roomKey === undefined && kind === 'account' && userId === this.#owners.get(who) && this.#holds(until),
    );
  }

  #holds(until: number | undefined): boolean {
    return until === undefined || this.#wallClock() < until;
  }

  #require(isTrue: boolean, text: () => string): void {
    this.#violations.require(isTrue, 'authority', text);
  }
}

function placed(roomKey: string | undefined, userId: string): string {
  return `${roomKey ?? ''} ${userId}`;
}

function idText(clientMessageId: ClientMessageId): string {
  return clientMessageId.join();
}
