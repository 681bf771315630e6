import type { FileView, Transfer } from '@parley/client-core';
import type { RoleMark } from './place.ts';

/** One thing that happened, as it is shown above the input: raw text, styled and sanitised by who draws it. */
export interface Entry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly content: EntryContent;
  /** The room that it belongs to; undefined for what the program itself has to say. */
  readonly room?: string | undefined;
  /** Its number in the log of that room. */
  readonly sequence?: number | undefined;
}

/** What can be shown. A renderer decides how. */
export type EntryContent =
  | {
      readonly type: 'message';
      readonly from: string;
      readonly text: string;
      readonly isOwn: boolean;
      /** It names the reader. */
      readonly isMention: boolean;
      /** Where it was said, when that is not the room in front of the reader. */
      readonly room?: string | undefined;
      /** It was given another text later. */
      readonly isEdited?: boolean | undefined;
    }
  | {
      readonly type: 'direct';
      readonly from: string;
      readonly to: string;
      readonly text: string;
      readonly isOwn: boolean;
    }
  | { readonly type: 'joined'; readonly nickname: string }
  | { readonly type: 'left'; readonly nickname: string; readonly how: string }
  /** Messages are missing before the next one; undefined when nobody knows how many. */
  | { readonly type: 'gap'; readonly missing: number | undefined }
  /** An entry of a log that shows nothing by itself, such as the change of an older one. */
  | { readonly type: 'unseen' }
  /** The user looks at another room from now on. */
  | { readonly type: 'room-shown'; readonly room: string; readonly topic: string; readonly members: number }
  /** The program or the server says something. */
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'error'; readonly text: string }
  | {
      readonly type: 'users';
      readonly users: readonly {
        readonly nickname: string;
        readonly joinedAt: number;
        readonly role?: RoleMark | undefined;
      }[];
    }
  | {
      readonly type: 'files';
      readonly files: readonly {
        readonly name: string;
        readonly size: number;
        readonly modifiedAt: number;
        /** Unknown until the server has read the file. */
        readonly sha256?: Uint8Array | undefined;
      }[];
      /** What was asked for. */
      readonly view?: FileView;
    }
  | {
      readonly type: 'rooms';
      readonly rooms: readonly {
        readonly room: string;
        readonly topic: string;
        readonly members: number;
        /** Whether the user is in it. */
        readonly isOwn: boolean;
      }[];
    }
  /** Messages of the past: a page of a log, or what a search found. */
  | {
      readonly type: 'past';
      readonly heading: string;
      /** What was searched for. */
      readonly words?: readonly string[];
      readonly entries: readonly {
        readonly time: number;
        /** Room and number, as people read them. */
        readonly place: string;
        readonly room: string;
        readonly sequence: number;
        readonly from: string;
        readonly text: string;
      }[];
    }
  | { readonly type: 'transfers'; readonly transfers: readonly Transfer[] }
  /** People came and went, several of them. */
  | { readonly type: 'traffic'; readonly joined: readonly string[]; readonly left: readonly string[] }
  /** A download was asked for. */
  | { readonly type: 'transfer-begun'; readonly transfer: Transfer }
  /** Several were asked for, and are done, with nothing else between. */
  | {
      readonly type: 'transfers-so-far';
      readonly begun: number;
      readonly done: number;
      readonly doneBytes: number;
      readonly last: Transfer;
    }
  /** A download came to its end, whichever. */
  | { readonly type: 'transfer-over'; readonly transfer: Transfer }
  /** How far a transfer of somebody in the room is. */
  | ProgressContent
  /** All that can be typed, and what it does. */
  | { readonly type: 'manual'; readonly sections: readonly ManualSection[] }
  /** Help: what is typed, and what it does. */
  | {
      readonly type: 'help';
      readonly heading: string;
      readonly rows: readonly (readonly [usage: string, summary: string])[];
    };

/** What a room is told of a transfer; replaced while it moves. */
export interface ProgressContent {
  readonly type: 'progress';
  /** Tells it from others in its room. */
  readonly line: string;
  readonly nickname: string;
  readonly isUpload: boolean;
  readonly name: string;
  /** `silent`: nothing was heard of it for long. */
  readonly state: 'moving' | 'completed' | 'stopped' | 'failed' | 'silent';
  readonly size: number;
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

/** Commands or keys that belong together. */
export interface ManualSection {
  readonly heading: string;
  readonly rows: readonly {
    readonly usage: string;
    readonly summary: string;
    /** The beginning of a line that makes use of it. */
    readonly draft?: string;
  }[];
}
