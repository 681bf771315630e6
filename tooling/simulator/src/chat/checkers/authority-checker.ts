import { type ClientMessageId, type NicknameKey, nicknameKey, type ServerMessage } from '@parley/protocol';
import type { AccountChange, ConnectionId, Effect, ServerEvent } from '@parley/server-core/pure';
import type { Violations } from '../../checkers/violations.ts';

type Operations = Extract<Effect, { type: 'write' }>['operations'];
type Ban = Extract<AccountChange, { type: 'put-ban' }>['ban'];
type Role = Extract<AccountChange, { type: 'put-role' }>['role'];
type Decisions = Extract<Effect, { type: 'write-accounts' }>['audited'];
type Mute = Extract<AccountChange, { type: 'put-mute' }>['mute'];

const RANKS = { member: 0, moderator: 1, owner: 2, operator: 3 } as const;

/**
 * Holds what the server does against what those in charge have decided: who is muted writes nothing that came after that, who
 * is banned is not let in, nobody gets the nickname of an account without being its owner, nor one whose account was deleted,
 * and who gives a role to somebody may do that. It knows people by what the server itself has told them.
 */
export class AuthorityChecker {
  readonly #violations: Violations;
  readonly #wallClock: () => number;
  /** What is on the disk: what a new life of the server begins with. */
  #kept: AccountChange[] = [];
  #mutes = new Map<string, Mute>();
  #bans = new Map<number, Ban>();
  #roles = new Map<string, Role>();
  #retired = new Set<NicknameKey>();
  #retiredUsers = new Set<string>();
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
    this.#roles = new Map();
    this.#retired = new Set();
    this.#retiredUsers = new Set();
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
        case 'retire-account':
          this.#retire(change.userId, nicknameKey(change.nickname));
          break;
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
          if (!this.#retiredUsers.has(change.role.userId))
            this.#roles.set(placed(change.role.roomKey, change.role.userId), change.role);
          break;
        case 'remove-role':
          this.#roles.delete(placed(change.roomKey, change.userId));
          break;
        default:
      }
    }
  }

  /** Before the server handles it. */
  noteEvent(event: ServerEvent): void {
    if (event.type === 'connection-closed') this.#people.delete(event.connectionId);
    if (event.type !== 'message-received') return;
    const who = this.#people.get(event.connectionId);
    const isGone = who !== undefined && this.#retired.has(who);
    this.#require(!isGone, () => `the account of ${who} is deleted, and it is still here`);
    if (event.message.type !== 'say') return;
    const { clientMessageId } = event.message;
    const id = idText(clientMessageId);
    // What is sent again was perhaps taken the first time.
    if (who === undefined || this.#taken.has(id)) return;
    if (this.#isMutedEverywhere(who)) {
      this.#forbidden.add(id);
      return;
    }
    // Whoever did not hear that it was refused sends it again when the mute is over.
    this.#forbidden.delete(id);
    this.#taken.add(id);
  }

  noteSent(connectionId: ConnectionId, message: ServerMessage): void {
    if (message.type === 'goodbye') this.#people.delete(connectionId);
    if (message.type !== 'registered') return;
    const key = nicknameKey(message.nickname);
    this.#people.set(connectionId, key);
    this.#require(!this.#isBanned(key), () => `${key} is banned, and was let in`);
    this.#require(
      !this.#retired.has(key),
      () => `the account of ${key} is deleted, and somebody has its name`,
    );
  }

  /** What somebody in charge has decided, before it is kept. */
  noteDecisions(decisions: Decisions): void {
    for (const { action, by, byUserId, roomKey, target, detail } of decisions) {
      if (action !== 'set-role') continue;
      const targetId = this.#owners.get(nicknameKey(target as Parameters<typeof nicknameKey>[0]));
      const own = this.#rankOf(byUserId, roomKey);
      const needed = roomKey === undefined ? RANKS.operator : RANKS.owner;
      const isBelow =
        roomKey === undefined || (targetId !== undefined && this.#rankOf(targetId, roomKey) < own);
      const mayGive =
        own >= needed && own >= (RANKS[detail as keyof typeof RANKS] ?? Number.POSITIVE_INFINITY);
      this.#require(mayGive && isBelow && targetId !== byUserId, () => {
        return `${by} (${own}) gave ${target} the role ${detail} in ${roomKey ?? 'the server'}`;
      });
    }
  }

  /** In the end: somebody is in charge, if anybody ever was. */
  auditOperators(): void {
    const operators = [...this.#roles.values()].filter(({ roomKey }) => roomKey === undefined);
    const wereThere = this.#kept.some(
      (change) => change.type === 'put-role' && change.role.role === 'operator',
    );
    this.#require(!wereThere || operators.length > 0, () => 'nobody is the operator any more');
  }

  #rankOf(userId: string, roomKey: string | undefined): number {
    const everywhere = this.#roles.get(placed(undefined, userId))?.role;
    const here = this.#roles.get(placed(roomKey, userId))?.role;
    return Math.max(RANKS[everywhere ?? 'member'], RANKS[here ?? 'member']);
  }

  #retire(userId: string, key: NicknameKey): void {
    this.#retired.add(key);
    this.#owners.delete(key);
    this.#retiredUsers.add(userId);
    for (const [place, role] of this.#roles) if (role.userId === userId) this.#roles.delete(place);
    for (const [place, mute] of this.#mutes) if (mute.userId === userId) this.#mutes.delete(place);
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
    const isOperator = [...this.#roles.values()].some(
      ({ roomKey, nickname }) => roomKey === undefined && nicknameKey(nickname) === who,
    );
    if (isOperator) return false;
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
