import { createHash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ArrivingFiles,
  codeOf,
  FileError,
  type FileErrorCode,
  type FolderFileSystem,
  FolderProgress,
  FolderStream,
  FolderTarget,
  filesAtPlaces,
  readLeftOvers,
  STAGING_NAME,
  syncFolder,
  wantedPlaces,
} from '@parley/folders';
import {
  DecodeError,
  decodeFolderManifest,
  encodeFolderWish,
  FOLDER_MANIFEST_BYTES_MAX,
  type FolderEntry,
} from '@parley/protocol';
import type { FolderUploadOffer } from '../../transfers/transfer-host.ts';
import type { IncomingContent } from '../transfers/incoming-content.ts';
import { UploadError } from './upload-file.ts';

/**
 * A folder that comes in as one stream: its list, and then the files that are not here from an earlier attempt. It is put together under a
 * hidden name, and gets its own when all of it is there. Throws `UploadError`s.
 */
// CHAT-FOLDER-9, CHAT-FOLDER-11, CHAT-FOLDER-12
export class UploadFolder implements IncomingContent {
  readonly #offer: FolderUploadOffer;
  readonly #fileSystem: FolderFileSystem;
  readonly #target: FolderTarget;
  readonly #manifest: Uint8Array;
  #manifestBytes: number;
  /** What is on the disk of it. */
  readonly #keptBytes: number;
  #answer: (bytes: Uint8Array) => void = () => undefined;
  #folder: FolderProgress | undefined;
  #arriving: ArrivingFiles | undefined;
  #stream: FolderStream | undefined;
  #isClosed = false;

  private constructor(offer: FolderUploadOffer, target: FolderTarget, fileSystem: FolderFileSystem) {
    this.#offer = offer;
    this.#fileSystem = fileSystem;
    this.#target = target;
    this.#manifest = new Uint8Array(offer.folder.manifestBytes);
    this.#manifestBytes = this.#recallList();
    this.#keptBytes = this.#manifestBytes;
  }

  /** Begins, or goes on with what an earlier attempt at the same folder left. */
  static open(offer: FolderUploadOffer, fileSystem: FolderFileSystem = nodeFileSystem): UploadFolder {
    return new UploadFolder(
      offer,
      attempt(() => FolderTarget.open(offer.partPath, fileSystem)),
      fileSystem,
    );
  }

  get verifiedBytes(): number {
    return (this.#folder?.doneBytes ?? 0) + (this.#arriving?.partBytes ?? 0);
  }

  /** Bytes of the list that are here from an earlier attempt. */
  // CHAT-FOLDER-14
  get listBytes(): number {
    return this.#keptBytes;
  }

  begin(answer: (bytes: Uint8Array) => void): Promise<void> | undefined {
    this.#answer = answer;
    return this.#isListWhole ? this.#compare() : undefined;
  }

  take(bytes: Uint8Array): Promise<void> | undefined {
    const stream = this.#stream;
    const arriving = this.#arriving;
    if (stream !== undefined) {
      if (!attempt(() => stream.take(bytes))) throw mismatch('more came than was asked for');
      return attempt(() => arriving?.room());
    }
    if (this.#manifestBytes + bytes.byteLength > this.#manifest.byteLength) {
      throw mismatch('more came than the list before anything was asked for');
    }
    this.#manifest.set(bytes, this.#manifestBytes);
    this.#manifestBytes += bytes.byteLength;
    return this.#isListWhole ? this.#compare() : undefined;
  }

  // CHAT-FOLDER-11
  async publish(): Promise<void> {
    const { path, partPath } = this.#offer;
    const folder = this.#folder;
    if (folder === undefined || this.#stream?.isComplete !== true) {
      throw mismatch('the folder ended before all of it was there');
    }
    await attemptAsync(async () => this.#arriving?.settle());
    this.#assertOpen();
    const [absent] = [...folder.in('missing'), ...folder.in('lost')];
    // What was here of it was not what it seemed; what is whole stays for the next attempt.
    if (absent !== undefined) throw new UploadError('connection-lost', `${absent.path} came wrong`);
    assertFree(folder);
    attempt(() => assertUnused(path, this.#fileSystem));
    await attemptAsync(() => this.#target.finish(folder.entries));
    this.#assertOpen();
    attempt(() => {
      assertUnused(path, this.#fileSystem);
      assertCleared(partPath, this.#fileSystem);
      moveInto(partPath, path, this.#fileSystem);
      this.#isClosed = true;
      try {
        syncFolder(this.#fileSystem, dirname(path));
      } catch (error) {
        // Who is told that the upload failed finds nothing under its name, and can go on.
        this.#fileSystem.renameSync(path, partPath);
        this.#isClosed = false;
        throw error;
      }
    });
  }

  async keep(): Promise<void> {
    if (this.#isClosed) return;
    await this.#letGo();
    this.#keepList();
    this.#target.close();
  }

  async discard(): Promise<void> {
    if (this.#isClosed) return;
    await this.#letGo();
    this.#target.close();
    await rm(this.#offer.partPath, { recursive: true, force: true });
  }

  /** Nothing of this attempt touches the disk any more. */
  async #letGo(): Promise<void> {
    this.#isClosed = true;
    this.#arriving?.drop();
    await this.#arriving?.settle().catch(() => undefined);
  }

  get #isListWhole(): boolean {
    return this.#manifestBytes === this.#manifest.byteLength;
  }

  /** Takes what an earlier attempt has kept of this list; gives how many bytes that is. */
  // CHAT-FOLDER-14
  #recallList(): number {
    const kept = attempt(() => this.#target.recall());
    const { chunkRoot } = this.#offer;
    if (kept === undefined || Buffer.compare(kept.subarray(0, chunkRoot.byteLength), chunkRoot) !== 0)
      return 0;
    const bytes = kept.subarray(chunkRoot.byteLength);
    if (bytes.byteLength > this.#manifest.byteLength) return 0;
    this.#manifest.set(bytes);
    // One that is whole proves itself; of a part only the rest will tell.
    return bytes.byteLength < this.#manifest.byteLength || this.#isListRight ? bytes.byteLength : 0;
  }

  get #isListRight(): boolean {
    const digest = createHash('sha256').update(this.#manifest).digest();
    return Buffer.compare(digest, this.#offer.chunkRoot) === 0;
  }

  /** Which list it is stands before what is here of it. */
  #keepList(): void {
    if (this.#manifestBytes === this.#keptBytes) return;
    const { chunkRoot } = this.#offer;
    const bytes = Buffer.concat([chunkRoot, this.#manifest.subarray(0, this.#manifestBytes)]);
    try {
      this.#target.keep(bytes.subarray(0, FOLDER_MANIFEST_BYTES_MAX));
    } catch {
      // A full disk: then the list is sent again.
    }
  }

  /** The list is here: says what is missing. */
  async #compare(): Promise<void> {
    const entries = this.#readList();
    const target = this.#target;
    const folder = attempt(() => {
      target.prune(entries);
      return new FolderProgress(entries, (entry) => {
        const standing = entry.kind === 'folder' ? target.makeFolder(entry) : target.standingOf(entry);
        return standing === 'different' ? 'taken' : standing;
      });
    });
    assertFree(folder);
    const isMissing = (index: number) => folder.stateOf(index) === 'missing';
    const left = await attemptAsync(() => readLeftOvers(target, folder.missingFiles, this.#fileSystem));
    this.#assertOpen();
    const arriving = new ArrivingFiles(target);
    arriving.goOnFrom(left);
    const wanted = wantedPlaces(entries, isMissing, (index) => left.get(index)?.bytes ?? 0);
    this.#folder = folder;
    this.#arriving = arriving;
    this.#stream = new FolderStream(takerOf(folder, arriving), 0, {
      expected: filesAtPlaces(entries, wanted),
    });
    this.#answer(encodeFolderWish(wanted));
  }

  // CHAT-FOLDER-9
  #readList(): readonly FolderEntry[] {
    const { size, folder } = this.#offer;
    if (!this.#isListRight) throw mismatch('the list is not the announced one');
    let entries: readonly FolderEntry[];
    try {
      entries = decodeFolderManifest(this.#manifest);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw mismatch(`the list of the folder is none: ${error.message}`);
    }
    const files = entries.filter(({ kind }) => kind === 'file');
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const isAnnounced =
      entries.length === folder.entries &&
      files.length === folder.files &&
      bytes === size &&
      files.every((file) => file.size <= folder.largest);
    if (!isAnnounced) throw mismatch('the list has not the announced figures');
    return entries;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new UploadError('connection-lost', 'the upload is over');
  }
}

function takerOf(folder: FolderProgress, arriving: ArrivingFiles) {
  return {
    takeManifest: () => {
      throw mismatch('a second list came');
    },
    beginFile: (index: number, from: number) => arriving.begin(folder, index, from),
    takeBytes: (_: number, bytes: Uint8Array) => arriving.write(bytes),
    endFile: (index: number, isUnchanged: boolean, digest: Uint8Array) =>
      arriving.end(folder, index, { isUnchanged, digest }),
    // CHAT-FOLDER-10
    missFile: (index: number) => {
      throw mismatch(`${folder.entries[index]?.path} was not sent`);
    },
  };
}

function assertUnused(path: string, fileSystem: FolderFileSystem): void {
  if (fileSystem.lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  throw new FileError('target-exists', 'something else got the name of the folder');
}

/** Under its name nobody would remove what is ours alone; what is whole stays for the next attempt. */
function assertCleared(partPath: string, fileSystem: FolderFileSystem): void {
  const staging = join(partPath, STAGING_NAME);
  if (fileSystem.lstatSync(staging, { throwIfNoEntry: false }) === undefined) return;
  throw new UploadError('connection-lost', `${staging} could not be removed`);
}

/** Of what came to the name since the last look a rename replaces an empty folder, and nothing else. */
function moveInto(partPath: string, path: string, fileSystem: FolderFileSystem): void {
  try {
    fileSystem.renameSync(partPath, path);
  } catch (error) {
    if (!OCCUPIED_CODES.has(codeOf(error))) throw error;
    throw new FileError('target-exists', 'something else got the name of the folder', error);
  }
}

/** Two names that the file system takes for one cannot both have their place. */
function assertFree(folder: FolderProgress): void {
  const [taken] = folder.in('taken');
  if (taken !== undefined)
    throw new UploadError('file-exists', `something else has the place of ${taken.path}`);
}

/** Something that is no empty folder has the name. */
const OCCUPIED_CODES: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

const REASONS: { readonly [Code in FileErrorCode]: UploadError['reason'] } = {
  'disk-full': 'no-space',
  'target-exists': 'file-exists',
  'target-busy': 'internal-error',
  'target-unwritable': 'internal-error',
  'disk-error': 'internal-error',
};

function attempt<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw uploadErrorFrom(error);
  }
}

async function attemptAsync<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw uploadErrorFrom(error);
  }
}

function uploadErrorFrom(error: unknown): UploadError {
  if (error instanceof UploadError) return error;
  const reason = error instanceof FileError ? REASONS[error.code] : 'internal-error';
  return new UploadError(reason, error instanceof Error ? error.message : String(error), error);
}

function mismatch(detail: string): UploadError {
  return new UploadError('content-mismatch', detail);
}
