import type { Transfer, TransferFailureCode } from '@parley/client-core';
import { STAGING_NAME } from '@parley/folders';
import type { Settlement } from '../../chat/program.ts';
import type { Inbox } from '../checkers/inbox.ts';
import type { ClientProgram } from '../client-program.ts';
import type { Sources } from '../sources.ts';
import type { Errand } from './errand.ts';

/** Of each file in the list of a folder, and around its bytes. */
const OVERHEAD_BYTES_MAX = 200;

/** Wants to add a folder of one's own, with all that is in it, to the shared folder; the lobby hears of it. */
export class PutFolder implements Errand {
  readonly direction = 'upload';
  readonly sourceName: string;
  readonly sources: Sources;
  protected readonly inbox: Inbox;
  /** What could not be read, as the user was told. */
  #leftOut: readonly string[] = [];

  constructor(inbox: Inbox, folder: { readonly name: string; readonly sources: Sources }) {
    this.inbox = inbox;
    this.sourceName = folder.name;
    this.sources = folder.sources;
  }

  get title(): string {
    return `/put ${this.sourceName}/`;
  }

  get bytesMax(): number {
    return this.#names.reduce((sum, name) => sum + this.sources.largestOf(name) + OVERHEAD_BYTES_MAX, 0);
  }

  get fileBytesMax(): number {
    return Math.max(0, ...this.#names.map((name) => this.sources.largestOf(name)));
  }

  /** Whoever puts a folder asks the server. */
  get isFulfilled(): boolean {
    return false;
  }

  ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void {
    this.command(program, program.core.rooms.home?.name, onSettled);
  }

  /** It is there already. */
  isEndedBy(code: TransferFailureCode | undefined): boolean {
    return code === 'file-exists' && this.inbox.isFolderShared(this.sourceName);
  }

  mayFailInCalm(code: TransferFailureCode | undefined): boolean {
    return this.isEndedBy(code);
  }

  handleDone({ leftOut }: Transfer): void {
    this.#leftOut = leftOut;
  }

  troubleAfterDone(): string | undefined {
    const missing = this.wanted.filter((path) => !this.inbox.findShared(`${this.sourceName}/${path}`));
    return missing.length > 0 ? `the server has no ${missing.join(' ')}` : undefined;
  }

  /** What has its name is all of it, and nothing else. */
  leftovers(): readonly string[] {
    const path = `${this.sourceName}/${STAGING_NAME}`;
    return this.inbox.isFolderShared(path) ? [path] : [];
  }

  /** Paths below the folder of what has to be there in the end. */
  protected get wanted(): string[] {
    const paths = this.#names.map((name) => name.slice(this.sourceName.length + 1));
    return paths.filter((path) => !this.#leftOut.some((one) => path === one || path.startsWith(`${one}/`)));
  }

  protected command(
    program: ClientProgram,
    room: string | undefined,
    onSettled: (settlement: Settlement) => void,
  ): void {
    const { sourceName, sources } = this;
    const sourcePath = sources.pathOf(sourceName);
    program.command({ type: 'upload', name: `${sourceName}/`, sourcePath, room }, onSettled);
  }

  get #names(): string[] {
    return this.sources.namesIn(this.sourceName);
  }
}
