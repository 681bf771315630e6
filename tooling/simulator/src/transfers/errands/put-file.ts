import type { TransferFailureCode } from '@parley/client-core';
import type { Settlement } from '../../chat/program.ts';
import type { Inbox } from '../checkers/inbox.ts';
import type { ClientProgram } from '../client-program.ts';
import type { Sources } from '../sources.ts';
import type { Errand } from './errand.ts';

/** Wants to add a file to the shared folder. */
export class PutFile implements Errand {
  readonly direction = 'upload';
  readonly name: string;
  readonly sources: Sources;
  /** Whether the lobby hears of it. */
  readonly #isTold: boolean;
  protected readonly inbox: Inbox;

  constructor(
    inbox: Inbox,
    file: { readonly name: string; readonly sources: Sources; readonly isTold: boolean },
  ) {
    this.inbox = inbox;
    this.name = file.name;
    this.sources = file.sources;
    this.#isTold = file.isTold;
  }

  get title(): string {
    return `/put ${this.name}`;
  }

  get bytesMax(): number {
    return this.sources.largestOf(this.name);
  }

  get sourceName(): string {
    return this.name;
  }

  /** Whoever puts a file asks the server. */
  get isFulfilled(): boolean {
    return false;
  }

  ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void {
    this.command(program, this.#isTold ? program.core.rooms.home?.name : undefined, onSettled);
  }

  /** It is there already, it is here no more, or there is no room, as it was said. */
  isEndedBy(code: TransferFailureCode | undefined): boolean {
    if (code === 'file-exists') return this.inbox.bytesOfShared(this.name) !== undefined;
    if (code === 'quota-exceeded' || code === 'no-space') return !this.inbox.hasRoomFor(this.bytesMax);
    return code === 'source-unreadable' && !this.sources.isThere(this.name);
  }

  /** What others are uploading at the moment takes room too, and a name. */
  mayFailInCalm(code: TransferFailureCode | undefined): boolean {
    const isOthers = code === 'quota-exceeded' || code === 'no-space' || code === 'file-exists';
    return isOthers || this.isEndedBy(code);
  }

  troubleAfterDone(): string | undefined {
    const bytes = this.inbox.bytesOfShared(this.name);
    if (bytes === undefined) return `the server has no ${this.name}`;
    const isMine = this.sources.versionsOf(this.name).some((version) => version.bytes.equals(bytes));
    return isMine ? undefined : `the server has another ${this.name}`;
  }

  leftovers(): readonly string[] {
    return [];
  }

  protected command(
    program: ClientProgram,
    room: string | undefined,
    onSettled: (settlement: Settlement) => void,
  ): void {
    const { name } = this;
    program.command({ type: 'upload', name, sourcePath: this.sources.pathOf(name), room }, onSettled);
  }
}
