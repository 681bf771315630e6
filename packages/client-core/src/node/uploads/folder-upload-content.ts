import { realpath } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import {
  type AnnouncedFile,
  describeFolder,
  FolderContent,
  type FolderListing,
  FolderSizeError,
  filesAtPlaces,
  lookHere,
  type OutgoingFile,
  readFolder,
  type SourceFileError,
  type SourceFileSystem,
} from '@parley/folders';
import {
  DecodeError,
  decodeFolderWish,
  FOLDER_FILE_OVERHEAD_BYTES,
  type WantedPlaces,
} from '@parley/protocol';
import type { UploadOffer, WantedUpload } from '../../transfers/upload.ts';
import { TransferError } from '../transfers/transfer-error.ts';
import type { ContentStream, UploadContent } from './upload-content.ts';

/** What is known of the folder since it was read. */
interface ReadFolder {
  readonly listing: FolderListing;
  readonly manifest: Uint8Array;
  readonly announced: Pick<WantedUpload, 'size' | 'chunkRoot' | 'folder'>;
}

/** A folder: its list, and the files that the server then asks for. */
// CHAT-FOLDER-9, CHAT-FOLDER-10
export class FolderUploadContent implements UploadContent {
  readonly isRereadable = true;
  readonly sha256 = undefined;
  readonly #path: string;
  readonly #name: string;
  readonly #fileSystem: SourceFileSystem | undefined;
  #read: ReadFolder | undefined;

  /** `name` is what the folder is called at the server. */
  constructor(path: string, name: string, fileSystem?: SourceFileSystem) {
    this.#path = path;
    this.#name = name;
    this.#fileSystem = fileSystem;
  }

  get size(): number | undefined {
    return this.#read?.announced.size;
  }

  get leftOut(): readonly string[] {
    return this.#read?.listing.leftOut ?? [];
  }

  get announced(): ReadFolder['announced'] {
    return this.#prepared.announced;
  }

  async prepare(): Promise<void> {
    this.#read = undefined;
    try {
      const root = await realpath(this.#path);
      this.#read = describe(await readFolder(root, '', { name: this.#name, look: lookHere }));
    } catch (error) {
      if (error instanceof FolderSizeError) {
        throw new TransferError('folder-too-large', `${this.#path} holds ${error.message}`);
      }
      const { code = error instanceof Error ? error.message : '' } = error as NodeJS.ErrnoException;
      throw new TransferError('source-unreadable', `cannot read ${this.#path} (${code})`, error);
    }
  }

  // CHAT-FOLDER-14
  begin({ start }: Pick<UploadOffer, 'start'>): ContentStream {
    const { manifest, listing, announced } = this.#prepared;
    if (start > manifest.byteLength) {
      throw new TransferError('protocol-violation', 'the server has more of the list than there is');
    }
    const list = manifest.subarray(start);
    const fileSystem = this.#fileSystem;
    const wish = new AwaitedWish(listing.entries.length);
    let wanted: { readonly bytes: number; readonly files: number } | undefined;
    const sendWanted = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      if (list.byteLength > 0) yield list;
      const { indexes, froms } = filesAtPlaces(listing.entries, await wish.whole);
      const files = indexes.map((index) => outgoingFile(listing, index, froms.get(index)));
      const had = [...froms.values()].reduce((sum, from) => sum + from, 0);
      wanted = { bytes: files.reduce((sum, { size }) => sum + size, -had), files: files.length };
      yield* bytesOf(files, fileSystem);
    };
    return {
      get resumedBytes() {
        return wanted && announced.size - wanted.bytes;
      },
      movedBytes: (streamBytes) => {
        if (wanted === undefined || wanted.bytes === 0) return 0;
        const all = wanted.bytes + wanted.files * FOLDER_FILE_OVERHEAD_BYTES;
        const share = Math.max(0, streamBytes - list.byteLength) / all;
        return Math.min(wanted.bytes, Math.floor(wanted.bytes * share));
      },
      handleAnswer: (bytes) => wish.take(bytes),
      pieces: sendWanted,
    };
  }

  /** Its files are open only while their pieces are asked for. */
  close(): void {}

  get #prepared(): ReadFolder {
    if (this.#read === undefined) throw new TransferError('host-failed', 'the folder was not read');
    return this.#read;
  }
}

/** What the server lacks, while it arrives. */
class AwaitedWish {
  readonly whole: Promise<readonly WantedPlaces[]>;
  readonly #entryCount: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #isWhole = false;
  #resolve: (wanted: readonly WantedPlaces[]) => void = () => undefined;

  constructor(entryCount: number) {
    this.#entryCount = entryCount;
    this.whole = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  take(bytes: Uint8Array): void {
    if (this.#isWhole) throw new TransferError('protocol-violation', 'the server asked twice');
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    try {
      const wanted = decodeFolderWish(this.#bytes, this.#entryCount);
      if (wanted === undefined) return;
      this.#isWhole = true;
      this.#resolve(wanted);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new TransferError(
        'protocol-violation',
        `what the server wants is nothing: ${error.message}`,
        error,
      );
    }
  }
}

function describe(listing: FolderListing): ReadFolder {
  const { entries } = listing;
  const { manifest, manifestRoot, size } = describeFolder(entries);
  const files = entries.filter(({ kind }) => kind === 'file');
  const largest = files.reduce((most, file) => Math.max(most, file.size), 0);
  const manifestBytes = manifest.byteLength;
  const folder = { files: files.length, entries: entries.length, largest, manifestBytes };
  return { listing, manifest, announced: { size, chunkRoot: manifestRoot, folder } };
}

/** A file that the server wants, behind the bytes that it has. */
// CHAT-FOLDER-10
function outgoingFile({ files }: FolderListing, index: number, from = 0): OutgoingFile {
  const file = files[index];
  if (file === undefined || from > file.size) {
    throw new TransferError('protocol-violation', 'the server has more than there is');
  }
  return from > 0 ? { ...file, begun: { bytes: from } } : file;
}

async function* bytesOf(files: readonly OutgoingFile[], fileSystem: SourceFileSystem | undefined) {
  const onTrouble = (file: AnnouncedFile, error: SourceFileError) => {
    throw troubleWith(file, error);
  };
  const contents = new FolderContent({ manifest: new Uint8Array(0), files, onTrouble }, fileSystem);
  const buffer = Buffer.allocUnsafeSlow(contents.bufferBytes);
  try {
    for (let bytes = contents.read(buffer); bytes !== undefined; bytes = contents.read(buffer)) {
      if (bytes.byteLength === 0) await setImmediate();
      else yield bytes;
    }
  } finally {
    contents.close();
  }
}

function troubleWith({ path }: AnnouncedFile, error: SourceFileError): TransferError {
  if (error.reason === 'file-changed') {
    return new TransferError('source-changed', `${path} changed while it was sent`, error);
  }
  return new TransferError('source-unreadable', `cannot read ${path}: ${error.message}`, error);
}
