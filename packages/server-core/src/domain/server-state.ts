import type { NicknameKey, PublicKey, Signature } from '@parley/protocol';
import type { AccountChange, PasswordHash, StoredAuditEntry } from '../accounts/account-store.ts';
import type { StoredRoom, UserId } from '../history/history-store.ts';
import { AccountBook } from './accounts/account-book.ts';
import { AdditionsUnderWay } from './accounts/additions-under-way.ts';
import type { Admission } from './accounts/admission.ts';
import { LoginGate } from './accounts/login-gate.ts';
import { PendingWork } from './accounts/pending-work.ts';
import { invariant } from './errors.ts';
import type { ServerLimits } from './limits.ts';
import { LogWriter } from './rooms/log-writer.ts';
import { RoomRegistry } from './rooms/room-registry.ts';
import type { Session } from './sessions/session.ts';
import { SessionRegistry } from './sessions/session-registry.ts';
import { type ChatStatistics, type Counters, createCounters } from './statistics.ts';
import type { SteadyTime } from './steady-time.ts';
import { TransferRegistry } from './transfers/transfer-registry.ts';

/** Who may upload: nobody, those with an account, or everybody with a nickname. */
export type UploadRule = 'off' | 'registered' | 'all';

/** A message, and the signature of Ed25519 that is said to be one of it. */
export interface SignedMessage {
  readonly publicKey: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Signature;
}

/** What a server is told once. */
export interface ChatServerOptions {
  /** Shown to users as the title. */
  readonly serverName: string;
  /** Message of the day; may be empty. */
  readonly motd: string;
  readonly limits: ServerLimits;
  /** Number of the logs that begin in this life of the server, from 1 to 2⁵³ − 1: another one at every start. */
  readonly epoch: number;
  /** Unix time in milliseconds at the moment `now` of the monotonic clock. */
  readonly wallClock: (now: number) => number;
  /** What the store has, the lobby among it. */
  readonly rooms: readonly StoredRoom[];
  /** SHA-256. */
  readonly hash: (bytes: Uint8Array) => Uint8Array;
  /** Whether there is a shared folder. */
  readonly sharesFiles: boolean;
  /** Who may add to the shared folder. */
  readonly uploads: UploadRule;
  /** What the store of accounts has. */
  readonly accounts: readonly AccountChange[];
  /** Whom the server lets in. */
  readonly admission: Admission;
  /** An invite code that makes its user an operator, once, when the server has none. */
  readonly operatorCode: string | undefined;
  /** What clients see of the server: `SHA256:…` of its key for TLS; empty without TLS. */
  readonly fingerprint: () => string;
  /** Whether a signature of Ed25519 is one of that message by that key. */
  readonly verify: (signed: SignedMessage) => boolean;
  /** Unpredictable bytes. */
  readonly randomBytes: (count: number) => Uint8Array;
}

/** An operator who is none any more as soon as that is durable. */
export interface LeavingOperator {
  readonly userId: UserId;
}

/** When a server that stops may be back. */
export interface Return {
  readonly reconnectAfterMs: number | undefined;
  readonly reconnectSpreadMs?: number;
}

/** Everything that a server remembers. */
export class ServerState {
  readonly options: ChatServerOptions;
  readonly sessions: SessionRegistry;
  readonly rooms: RoomRegistry;
  readonly transfers: TransferRegistry;
  /** Who wants to hear when the shared files change. */
  readonly fileWatchers = new Set<Session>();
  readonly writer: LogWriter;
  readonly counters: Counters = createCounters();
  readonly accounts: AccountBook;
  readonly loginGate: LoginGate;
  readonly passwordHashes = new PendingWork<PasswordHash>();
  readonly passwordChecks = new PendingWork<boolean>();
  readonly accountWrites = new PendingWork<undefined>();
  readonly additionsUnderWay = new AdditionsUnderWay();
  readonly auditReads = new PendingWork<readonly StoredAuditEntry[]>();
  /** Names of accounts that are being made. */
  readonly nicknamesInTheMaking = new Set<NicknameKey>();
  /** Invite codes with which accounts are being made. */
  readonly codesInUse = new Set<string>();
  /** User and name of keys and tokens that are being kept. */
  readonly credentialsInTheMaking = new Set<string>();
  /** Users who lose what makes them operators, if they are some. */
  readonly operatorsLeaving = new Set<LeavingOperator>();
  /** `undefined` when it was used, or when there was an operator at the start. */
  operatorCode: string | undefined;
  /** When old messages are to be forgotten next; set with the first event. */
  forgetAt: number | undefined;
  /** By which messages get old; set with the first event. */
  steadyTime: SteadyTime | undefined;
  /** Whether the store is forgetting now. */
  isForgetting = false;
  /** Set by `drain` and `stop`: what new connections are told, and by when the server ends, on the clock of `now`. */
  stopping: (Return & { readonly message: string; readonly endsAt: number }) | undefined;

  constructor(options: ChatServerOptions) {
    const { limits } = options;
    invariant(limits.pingAfterMs > 0, 'the time before a ping is above 0');
    invariant(limits.silenceMaxMs > limits.pingAfterMs, 'the end of patience comes after the ping');
    this.options = options;
    this.sessions = new SessionRegistry(limits);
    this.transfers = new TransferRegistry(limits);
    this.rooms = new RoomRegistry(options.rooms, limits);
    this.accounts = new AccountBook(options.accounts);
    this.loginGate = new LoginGate(limits);
    this.operatorCode = this.accounts.hasOperator ? undefined : options.operatorCode;
    this.writer = new LogWriter({ queuedMax: limits.queuedWritesMax, batchMax: limits.writesPerBatchMax });
  }

  get limits(): ServerLimits {
    return this.options.limits;
  }

  /** Wall-clock time in whole milliseconds. */
  timeAt(now: number): number {
    return Math.floor(this.options.wallClock(now));
  }

  statistics(): ChatStatistics {
    let members = 0;
    for (const room of this.rooms.all()) members += room.memberCount;
    let pendingRequests = 0;
    for (const session of this.sessions.all()) pendingRequests += session.pendingRequests;
    return {
      sessions: this.sessions.size,
      registered: this.sessions.registeredCount,
      addresses: this.sessions.addressCount,
      deadlines: this.sessions.deadlineCount,
      rooms: this.rooms.size,
      members,
      transfers: this.transfers.size,
      pendingRequests,
      pendingWrites: this.writer.pendingCount + this.accountWrites.count,
      counters: { ...this.counters },
    };
  }
}
