import type { ServerLimits } from '@parley/server-core';
import type { StreamOptions } from '../byte-stream.ts';
import type { CutHearing } from '../connection.ts';
import type { EntranceKind } from '../entrance.ts';

/** What a hostile client does. */
export type HostileManner = 'garbage' | 'half-frame' | 'flood' | 'deaf' | 'mutant' | 'wrong-order' | 'silent';

/** Something that happens at a time, whatever the others do. */
export type ChatHappening = { readonly atMs: number } & (
  | { readonly kind: 'cut'; readonly user: number; readonly hearing: CutHearing }
  | { readonly kind: 'freeze'; readonly user: number; readonly lastsMs: number }
  | { readonly kind: 'black-out'; readonly lastsMs: number }
  | { readonly kind: 'slow-reader'; readonly user: number; readonly lastsMs: number }
  | { readonly kind: 'sleep'; readonly user: number; readonly lastsMs: number }
  /** Another program with the same secret, while the first one runs. */
  | { readonly kind: 'takeover'; readonly user: number }
  | { readonly kind: 'program-death'; readonly user: number; readonly isTold: boolean }
  | { readonly kind: 'store-stall'; readonly lastsMs: number }
  | { readonly kind: 'store-failure'; readonly lastsMs: number }
  | { readonly kind: 'server-kill'; readonly lastsMs: number }
  | { readonly kind: 'server-restart'; readonly lastsMs: number }
  | { readonly kind: 'clock-jump'; readonly byMs: number }
  | { readonly kind: 'hostile'; readonly manner: HostileManner; readonly user: number }
);

/** One run, drawn from its seed. */
export interface ChatPlan {
  readonly seed: number;
  readonly users: number;
  /** Mean time between two actions of a user. */
  readonly actionEveryMs: number;
  /** Nothing disturbs after this time. */
  readonly faultsEndMs: number;
  /** Nobody says anything after this time. */
  readonly talkEndsMs: number;
  readonly longTexts: boolean;
  /** How each user comes in. The first one with an account becomes the operator. */
  readonly entrances: readonly EntranceKind[];
  readonly isModerated: boolean;
  /** How many devices each user has; those of one account are several users to the plan's happenings. */
  readonly devices: readonly number[];
  /** Whether users with an account may delete it, and come back as somebody else. */
  readonly deletesAccounts: boolean;
  readonly stream: StreamOptions;
  readonly storeLatencyMsMax: number;
  readonly limits: Partial<ServerLimits>;
  /** Bytes that may wait for one client. */
  readonly sendQueueBytesMax: number;
  /** A history in memory, which ends with the process. */
  readonly isForgetful: boolean;
  /** In the order of their times. */
  readonly happenings: readonly ChatHappening[];
}
