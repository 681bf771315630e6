import type { Transfer, TransferFailureCode } from '@parley/client-core';
import type { Settlement } from '../../chat/program.ts';
import type { ClientProgram } from '../client-program.ts';

/** Something that a user wants to have done by a transfer: what it is, and how to see that it was. */
export interface Errand {
  /** For people. */
  readonly title: string;
  readonly direction: 'download' | 'upload';
  /** What its file is called where it comes from. */
  readonly sourceName: string;
  /** Where it goes, when that is on a disk of the user. */
  readonly targetPath?: string;
  /** Bytes that it may take to move at most, once. */
  readonly bytesMax: number;
  /** Of a folder: bytes of its largest file, which comes for nothing when it is not sent right (CHAT-FOLDER-4). */
  readonly fileBytesMax?: number;
  /** Whether the disk says that nothing is to be done any more; nobody is asked for it then. */
  readonly isFulfilled: boolean;
  /** Gives the command, and what comes before it; settles with the transfer. */
  ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void;
  /** Whether a failure with this code is the end of it, rightly. */
  isEndedBy(code: TransferFailureCode | undefined): boolean;
  /** Whether it may fail so although nothing disturbs: another time it may go well. */
  mayFailInCalm(code: TransferFailureCode | undefined): boolean;
  /** The user is told that it is done. */
  handleDone?(transfer: Transfer): void;
  /** What is not as it was told then, if anything is not. */
  troubleAfterDone(): string | undefined;
  /** Hidden files that the transfer has left where nobody may find one after it is over. */
  leftovers(): readonly string[];
}

/** An errand, and how far it is. */
export interface Want {
  readonly errand: Errand;
  state: /** Not asked for at the moment. */
    | 'idle'
    /** Given as a command. */
    | 'open'
    | 'done'
    /** The user does not want it any more. */
    | 'cancelled';
  /** Of the transfer that is open. */
  number: number | undefined;
  /** When it was asked for last. */
  askedAtMs: number;
  /** When it may be asked for again. */
  notBeforeMs: number;
  lastFailure: { readonly code: TransferFailureCode; readonly message: string } | undefined;
  /** The user wants it again later, although it was cancelled. */
  isWantedAgain: boolean;
}
