import type { NicknameKey, SessionId } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';
import { DeadlineQueue } from '../deadline-queue.ts';
import { invariant } from '../errors.ts';
import type { ConnectionId } from '../events.ts';
import type { ServerLimits } from '../limits.ts';
import { type Membership, Session } from './session.ts';

/** All sessions: by connection, by nickname, by address, by deadline. */
export class SessionRegistry {
  readonly #limits: ServerLimits;
  readonly #byConnection = new Map<ConnectionId, Session>();
  readonly #userByNickname = new Map<NicknameKey, UserId>();
  readonly #byUser = new Map<UserId, Set<Session>>();
  readonly #countByAddress = new Map<string, number>();
  readonly #deadlines = new DeadlineQueue<Session>();
  #lastSessionId = 0;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byConnection.size;
  }

  /** Users who are here, on however many devices. */
  get registeredCount(): number {
    return this.#byUser.size;
  }

  get addressCount(): number {
    return this.#countByAddress.size;
  }

  get deadlineCount(): number {
    return this.#deadlines.size;
  }

  /** The earliest deadline of any session. */
  get nextDeadline(): number | undefined {
    return this.#deadlines.next;
  }

  /** Which limit keeps a connection from being admitted, if one does. */
  // CHAT-ADMIT-1
  limitReachedFor(address: string | undefined): 'server-full' | 'address-limit' | undefined {
    if (this.size >= this.#limits.connectionsMax) return 'server-full';
    if (address === undefined) return undefined;
    const count = this.#countByAddress.get(address) ?? 0;
    return count >= this.#limits.connectionsPerAddressMax ? 'address-limit' : undefined;
  }

  open(connectionId: ConnectionId, address: string | undefined, now: number): Session {
    invariant(!this.#byConnection.has(connectionId), 'a connection is opened once');
    this.#lastSessionId += 1;
    const sessionId = this.#lastSessionId as SessionId;
    const session = new Session({ connectionId, sessionId, address, limits: this.#limits, now });
    this.#byConnection.set(connectionId, session);
    if (address !== undefined) {
      this.#countByAddress.set(address, (this.#countByAddress.get(address) ?? 0) + 1);
    }
    this.reschedule(session);
    return session;
  }

  byConnection(connectionId: ConnectionId): Session | undefined {
    return this.#byConnection.get(connectionId);
  }

  /** The user who is here under a nickname. */
  userNamed(key: NicknameKey): Membership | undefined {
    const userId = this.#userByNickname.get(key);
    return userId === undefined ? undefined : this.sessionsOf(userId)[0]?.membership;
  }

  /** The sessions of a user, the oldest first: one of a guest, several of who has an account. */
  // CHAT-DEVICE-1
  sessionsOf(userId: UserId): readonly Session[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }

  register(session: Session, membership: Membership): void {
    const { key, userId } = membership;
    const holder = this.#userByNickname.get(key);
    invariant(holder === undefined || holder === userId, 'a nickname belongs to one user');
    const sessions = this.#byUser.get(userId) ?? new Set();
    invariant(sessions.size === 0 || membership.hasAccount, 'a guest has one session');
    session.register(membership);
    this.#userByNickname.set(key, userId);
    this.#byUser.set(userId, sessions.add(session));
  }

  /** Forgets a session and everything that is kept by its name or address. */
  // CHAT-REGISTER-2
  close(session: Session): void {
    this.#byConnection.delete(session.connectionId);
    this.#deadlines.remove(session);
    if (session.membership !== undefined) this.#forgetUser(session, session.membership);
    if (session.address === undefined) return;
    const count = (this.#countByAddress.get(session.address) ?? 0) - 1;
    if (count > 0) this.#countByAddress.set(session.address, count);
    else this.#countByAddress.delete(session.address);
  }

  #forgetUser(session: Session, { key, userId }: Membership): void {
    const sessions = this.#byUser.get(userId);
    sessions?.delete(session);
    if (sessions !== undefined && sessions.size > 0) return;
    this.#byUser.delete(userId);
    this.#userByNickname.delete(key);
  }

  /** A session whose scheduled deadline has come. What was heard since may have moved the true one. */
  due(now: number): Session | undefined {
    return this.#deadlines.due(now);
  }

  /** Puts a session where its deadline now is. Only a deadline that comes earlier needs it at once. */
  reschedule(session: Session): void {
    this.#deadlines.schedule(session, session.deadlineBy(this.#limits));
  }

  all(): IterableIterator<Session> {
    return this.#byConnection.values();
  }
}
