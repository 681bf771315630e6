import type { Challenge, Nickname, NicknameKey, SessionId } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';
import type { Deadlined } from '../deadline-queue.ts';
import { invariant } from '../errors.ts';
import type { ConnectionId } from '../events.ts';
import type { ServerLimits } from '../limits.ts';
import type { Room } from '../rooms/room.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { Transfer } from '../transfers/transfer-registry.ts';
import type { SessionState } from './session-state.ts';

/** One device of a user: the digest of the secret that it made itself. */
export type DeviceId = string & { readonly deviceId: unique symbol };

/** Who somebody is, from registering on. */
export interface Membership {
  readonly nickname: Nickname;
  readonly key: NicknameKey;
  readonly userId: UserId;
  /** Which of the user's devices it is: the same device takes the place of its older connection. */
  readonly deviceId: DeviceId;
  /** Whether the nickname is an account's, and the user has shown to be its owner. */
  readonly hasAccount: boolean;
  /** What the user has shown; a guest who made an account has given its password. */
  readonly cameBy: CameBy;
}

/** By what somebody came in: a free nickname, the password, or the key or token of that name. */
export type CameBy =
  | { readonly kind: 'nickname' | 'password' }
  | { readonly kind: 'key' | 'token'; readonly name: string };

/** What a client is sent unasked: everything; all but who comes and goes; nothing, it fetches from the logs. */
// CHAT-BEHIND-1, CHAT-BEHIND-2
export type Pace = 'live' | 'quiet' | 'behind';

/** What the server keeps for one connection. */
export class Session implements Deadlined {
  readonly connectionId: ConnectionId;
  readonly sessionId: SessionId;
  /** Where the client comes from, to count its connections; `undefined` for loopback. */
  readonly address: string | undefined;
  readonly openedAt: number;
  readonly messages: TokenBucket;
  readonly requests: TokenBucket;
  readonly refusals: TokenBucket;
  readonly history: TokenBucket;
  readonly newRooms: TokenBucket;
  /** Where the user is, conversations included. */
  readonly rooms = new Set<Room>();
  readonly transfers = new Set<Transfer>();
  /** Requests that wait for the disk, transfers included. */
  pendingRequests = 0;
  /** What the client was asked to sign; good once. */
  challenge: Challenge | undefined;
  agent = '';
  lastHeardAt: number;
  lastRequestAt: number;
  /** When the last ping went out; later than `lastHeardAt` while it is unanswered. */
  pingedAt: number;
  pace: Pace = 'live';
  /** When its pace became `behind` last. */
  behindSince = 0;
  /** Whether a note about too much in too short a time was written. */
  isFloodNoted = false;
  deadline = 0;
  deadlineIndex = -1;
  #isGreeted = false;
  #membership: Membership | undefined;

  constructor(options: {
    readonly connectionId: ConnectionId;
    readonly sessionId: SessionId;
    readonly address: string | undefined;
    readonly limits: ServerLimits;
    readonly now: number;
  }) {
    const { now, limits } = options;
    this.connectionId = options.connectionId;
    this.sessionId = options.sessionId;
    this.address = options.address;
    this.openedAt = now;
    this.lastHeardAt = now;
    this.lastRequestAt = now;
    this.pingedAt = now;
    this.messages = new TokenBucket(limits.messages, now);
    this.requests = new TokenBucket(limits.requests, now);
    this.refusals = new TokenBucket(limits.refusals, now);
    this.history = new TokenBucket(limits.history, now);
    this.newRooms = new TokenBucket(limits.newRooms, now);
  }

  /** Public rooms that the user is in. */
  get publicRoomCount(): number {
    let count = 0;
    for (const room of this.rooms) if (room.kind === 'public') count += 1;
    return count;
  }

  get state(): SessionState {
    if (!this.#isGreeted) return 'greeting';
    return this.#membership === undefined ? 'observing' : 'registered';
  }

  /** Nickname and user; `undefined` before registering. */
  get membership(): Membership | undefined {
    return this.#membership;
  }

  greet(agent: string): void {
    invariant(this.state === 'greeting', 'a session is greeted once');
    this.#isGreeted = true;
    this.agent = agent;
  }

  /** The user has an account from now on. */
  settle(): void {
    invariant(this.#membership !== undefined, 'an account is made of a nickname');
    this.#membership = { ...this.#membership, hasAccount: true, cameBy: { kind: 'password' } };
  }

  register(membership: Membership): void {
    invariant(this.state === 'observing', 'a session registers once, after hello');
    this.#membership = membership;
  }

  /** Whether a ping is unanswered. */
  get isPinged(): boolean {
    return this.pingedAt > this.lastHeardAt;
  }

  /**
   * When something has to be done about this session, if it stays silent until then. The end of patience counts from the
   * ping, so that a machine that slept does not send everybody away when it wakes.
   */
  // CHAT-HELLO-4, CHAT-PING-2, CHAT-IDLE-1, CHAT-SLOW-1
  deadlineBy(limits: ServerLimits): number {
    if (this.state === 'greeting') return this.openedAt + limits.helloTimeoutMs;
    const patience =
      this.pace === 'behind' ? this.behindSince + limits.behindMsMax : Number.POSITIVE_INFINITY;
    const silence = this.isPinged
      ? this.pingedAt + limits.silenceMaxMs - limits.pingAfterMs
      : this.lastHeardAt + limits.pingAfterMs;
    const liveness = Math.min(silence, patience);
    if (this.state === 'registered') return liveness;
    return Math.min(liveness, this.lastRequestAt + limits.observerIdleMaxMs);
  }
}
