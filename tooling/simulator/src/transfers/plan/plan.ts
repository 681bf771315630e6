import type { ServerLimits, TransferRates, UploadLimits, UploadRule } from '@parley/server-core';
import type { StreamOptions } from '../../chat/byte-stream.ts';
import type { CutHearing } from '../../chat/connection.ts';
import type { DiskFaultsPlan } from '../disk/disk-faults.ts';
import type { DeathKind } from '../host/simulated-process.ts';
import type { StreamEnd, StreamPathPlan } from '../network/stream-path.ts';
import type { Decision } from '../operator.ts';

/** Who is meant: the server, or one of the users. */
export type Party = 'server' | number;

/** How a user comes in: as a guest, or into an account. */
export type UserKind = 'guest' | 'password' | 'token';

/** What becomes of a file while it may be under way. */
export type SourceEdit = 'grow' | 'shrink' | 'vanish' | 'replace' | 'rewrite' | 'touch' | 'return';

/** What a server is started with that says whose files it takes, how many and how large; and how many transfers it has at a time. */
export interface ServerRules extends Pick<ServerLimits, 'transfersUnderWayMax' | 'transfersPerUserMax'> {
  readonly uploads: UploadRule;
  readonly uploadLimits: UploadLimits;
}

/** Something that happens at a time, whatever else does. */
export type TransferHappening = { readonly atMs: number } & (
  | { readonly kind: 'death'; readonly party: Party; readonly death: DeathKind }
  /** The wall clocks of all machines are set, forwards or back. */
  | { readonly kind: 'clock'; readonly byMs: number }
  /** The user ends the program as one should, and starts it again. */
  | { readonly kind: 'leave'; readonly user: number }
  | { readonly kind: 'edit'; readonly file: number; readonly edit: SourceEdit; readonly bytes: number }
  /** The same with a file that a user puts or sends. */
  | {
      readonly kind: 'edit-own';
      readonly user: number;
      readonly file: number;
      readonly edit: SourceEdit;
      readonly bytes: number;
    }
  | { readonly kind: 'pause'; readonly user: number; readonly want: number; readonly lastsMs: number }
  /** `again` wants the file again later. */
  | { readonly kind: 'cancel'; readonly user: number; readonly want: number; readonly again: boolean }
  /** The connection of one of the transfers breaks, for good when it lasts long; or one of its sides hears nothing from the other one. */
  | { readonly kind: 'disturb'; readonly lastsMs: number; readonly deaf: 'both' | StreamEnd }
  /** Somebody in charge does something to a user, and may take it back before the faults end. */
  | { readonly kind: 'moderate'; readonly user: number; readonly action: Decision }
  /** The user makes that worthless by which the program has come in, or deletes the account, from elsewhere. */
  | { readonly kind: 'revoke' | 'delete-account'; readonly user: number }
  /** The server ends as it should and is started with other rules, until the faults end. */
  | { readonly kind: 'restart'; readonly rules: ServerRules }
  /** New transfers find no way. */
  | { readonly kind: 'dark'; readonly lastsMs: number }
  | { readonly kind: 'cut'; readonly user: number; readonly hearing: CutHearing }
);

/** A process that dies at a step of one of its lives. */
export interface PlannedDeath {
  readonly party: Party;
  /** Counted from 1. */
  readonly life: number;
  readonly step: number;
  readonly death: DeathKind;
}

/** A file that somebody wants. */
export interface PlannedWant {
  readonly file: number;
  readonly atMs: number;
}

/** A folder that is shared, and who wants it. */
export interface PlannedFolder {
  /** Sizes of its files; every second one stands in a folder inside. */
  readonly files: readonly number[];
  readonly wants: readonly { readonly user: number; readonly atMs: number }[];
}

/** A file of a user that the user puts into the shared folder, or sends to somebody. */
export interface PlannedPut {
  readonly size: number;
  readonly atMs: number;
  /** Index of the user whom it is sent to; undefined for the shared folder. */
  readonly to: number | undefined;
  /** That user wants it; otherwise it is declined. */
  readonly isAccepted: boolean;
  /** The lobby is to hear of it, when it is for the shared folder. */
  readonly isTold: boolean;
}

/** A folder of a user that the user puts into the shared folder, or sends to somebody. */
export interface PlannedGift {
  readonly user: number;
  /** Sizes of its files; every second one stands in a folder inside. */
  readonly files: readonly number[];
  readonly atMs: number;
  /** As of a file. */
  readonly to: number | undefined;
  readonly isAccepted: boolean;
}

/** A file that two users put into the shared folder under one name at about the same time. */
export interface PlannedTwin {
  readonly users: readonly [number, number];
  /** Of the file of each. */
  readonly sizes: readonly [number, number];
  /** Both have the same file. */
  readonly isSame: boolean;
  readonly atMs: readonly [number, number];
}

/** One run, drawn from its seed. */
export interface TransferPlan {
  readonly seed: number;
  /** Sizes of the shared files. */
  readonly files: readonly number[];
  /** What each of the users wants. */
  readonly users: readonly (readonly PlannedWant[])[];
  /** Of each of the users. */
  readonly kinds: readonly UserKind[];
  /** Whether the last user's program runs on the machine of the first one, and brings what it fetches to the same places. */
  readonly hasRoommate: boolean;
  readonly twin: PlannedTwin | undefined;
  /** Undefined where nobody shares one. */
  readonly folder: PlannedFolder | undefined;
  /** What each of the users has to give. */
  readonly puts: readonly (readonly PlannedPut[])[];
  /** Folders that users have to give; at most one each. */
  readonly gifts: readonly PlannedGift[];
  readonly rules: ServerRules;
  /** What the server moves at most. */
  readonly rates: TransferRates;
  /** What each program of a user moves at most, in each direction; undefined for no limit. */
  readonly bytesPerSecondMax: number | undefined;
  /** Nothing disturbs after this time. */
  readonly faultsEndMs: number;
  readonly control: StreamOptions;
  readonly path: StreamPathPlan;
  readonly clientDisk: DiskFaultsPlan;
  readonly serverDisk: DiskFaultsPlan;
  /** Files up to this size are hashed before they are offered; the digests of larger ones go with their bytes. */
  readonly hashedFirstBytesMax: number;
  readonly deaths: readonly PlannedDeath[];
  /** A machine loses its power soon after a file was told to be there: it has to be there afterwards. */
  readonly losesPowerWhenDone: boolean;
  /** In the order of their times. */
  readonly happenings: readonly TransferHappening[];
}
