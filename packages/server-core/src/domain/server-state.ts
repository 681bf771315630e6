import type { StoredRoom } from '../history/history-store.ts';
import type { Return } from './drain.ts';
import { invariant } from './errors.ts';
import type { ServerLimits } from './limits.ts';
import { LogWriter } from './log-writer.ts';
import { RoomRegistry } from './room-registry.ts';
import { SessionRegistry } from './session-registry.ts';
import { type ChatStatistics, type Counters, createCounters } from './statistics.ts';
import { TransferRegistry } from './transfer-registry.ts';

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
}

/** Everything that a server remembers. */
export class ServerState {
  readonly options: ChatServerOptions;
  readonly sessions: SessionRegistry;
  readonly rooms: RoomRegistry;
  readonly transfers = new TransferRegistry();
  readonly writer: LogWriter;
  readonly counters: Counters = createCounters();
  /** When old messages are to be forgotten next; set with the first event. */
  forgetAt: number | undefined;
  /** Whether the store is forgetting now. */
  isForgetting = false;
  /** Set by `drain` and `stop`: what new connections are told. */
  stopping: (Return & { readonly message: string }) | undefined;

  constructor(options: ChatServerOptions) {
    const { limits } = options;
    invariant(limits.pingAfterMs > 0, 'the time before a ping is above 0');
    invariant(limits.silenceMaxMs > limits.pingAfterMs, 'the end of patience comes after the ping');
    this.options = options;
    this.sessions = new SessionRegistry(limits);
    this.rooms = new RoomRegistry(options.rooms, limits);
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
      pendingWrites: this.writer.pendingCount,
      counters: { ...this.counters },
    };
  }
}
