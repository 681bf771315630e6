import { fileErrorFrom } from './file-error.ts';
import {
  closeQuietly,
  codeOf,
  giveName,
  removeQuietly,
  type TargetFileSystem,
  writeFully,
} from './target-file-system.ts';

/** What stands where an entry belongs. */
export type Standing =
  | 'missing'
  /** The same kind, size and time of change: it is taken for the entry. */
  | 'done'
  /** Something else, or a link in the place of one of its folders: it is not touched. */
  | 'different';

/** Where a file is while it arrives, and where it belongs. */
export interface StagedPlace {
  readonly path: string;
  readonly target: string;
  /** What has come of it is of use to another attempt. */
  readonly isKept: boolean;
  /** Called before each change; throws when it is somebody else's by now. */
  readonly assertOurs: () => void;
}

/** One file while it arrives. */
export class StagedFile {
  readonly #place: StagedPlace;
  /** While bytes come. */
  #descriptor: number | undefined;
  readonly #fileSystem: TargetFileSystem;
  #position: number;

  /** Bytes before `position` are there already. */
  constructor(
    place: StagedPlace,
    open: { descriptor: number; position: number },
    fileSystem: TargetFileSystem,
  ) {
    this.#place = place;
    this.#descriptor = open.descriptor;
    this.#position = open.position;
    this.#fileSystem = fileSystem;
  }

  /** Bytes that are there. */
  get position(): number {
    return this.#position;
  }

  /** Where it is until it is in its place. */
  get path(): string {
    return this.#place.path;
  }

  write(bytes: Uint8Array): void {
    try {
      this.#place.assertOurs();
      writeFully(this.#fileSystem, this.#open, bytes, this.#position);
      this.#position += bytes.byteLength;
    } catch (error) {
      throw fileErrorFrom(error, this.#place.target);
    }
  }

  /** All bytes are there: the file gets its time, and may wait for long until it is durable, so it is not open any more. */
  complete(modifiedAt: number): void {
    try {
      this.#fileSystem.futimesSync(this.#open, modifiedAt / 1000, modifiedAt / 1000);
    } catch (error) {
      throw fileErrorFrom(error, this.#place.target);
    }
    this.#close();
  }

  /** Puts the file in its place when it is durable; `different` when something stands there. Throws `fault`, which has kept it from that. */
  publish(fault: Error | undefined): Standing {
    const { path, target } = this.#place;
    try {
      if (fault !== undefined) throw fault;
      this.#place.assertOurs();
      return place(path, target, this.#fileSystem);
    } catch (error) {
      throw fileErrorFrom(error, target);
    } finally {
      this.discard();
    }
  }

  /** No more of it comes now: it is left to another attempt if it is one to go on with. */
  letGo(): void {
    if (this.#place.isKept) this.#close();
    else this.discard();
  }

  /** Nothing of it stays under its hidden name, unless that is somebody else's by now. */
  discard(): void {
    this.#close();
    if (this.#isOurs) removeQuietly(this.#fileSystem, this.#place.path);
  }

  get #isOurs(): boolean {
    try {
      this.#place.assertOurs();
      return true;
    } catch {
      return false;
    }
  }

  get #open(): number {
    if (this.#descriptor === undefined) throw new Error(`${this.path} is closed already`);
    return this.#descriptor;
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeQuietly(this.#fileSystem, descriptor);
  }
}

function place(path: string, target: string, fileSystem: TargetFileSystem): Standing {
  try {
    giveName(fileSystem, path, target);
    return 'done';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'different';
    throw error;
  }
}
