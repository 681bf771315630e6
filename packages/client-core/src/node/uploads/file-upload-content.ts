import type { UploadOffer } from '../../transfers/upload.ts';
import { TransferError } from '../transfers/transfer-error.ts';
import { type SourceDigests, SourceFile, type SourceFileSystem } from './source-file.ts';
import type { ContentStream, UploadContent } from './upload-content.ts';

/** One such buffer is held for each upload. */
const READ_BYTES_MAX = 64 * 1024;

/** One file: its list of chunks, and its bytes from where the server has none. */
// CHAT-UPLOAD-3
export class FileUploadContent implements UploadContent {
  readonly isRereadable = false;
  readonly leftOut = [];
  readonly #path: string;
  readonly #fileSystem: SourceFileSystem | undefined;
  #file: SourceFile | undefined;
  #digests: SourceDigests | undefined;

  constructor(path: string, fileSystem: SourceFileSystem | undefined) {
    this.#path = path;
    this.#fileSystem = fileSystem;
  }

  get size(): number | undefined {
    return this.#file?.size;
  }

  get sha256(): Uint8Array | undefined {
    return this.#digests?.sha256;
  }

  get announced(): { readonly size: number; readonly chunkRoot: Uint8Array } {
    const { file, digests } = this.#prepared;
    return { size: file.size, chunkRoot: digests.chunkRoot };
  }

  async prepare(assertWanted: () => void): Promise<void> {
    this.#file = SourceFile.open(this.#path, this.#fileSystem);
    this.#digests = await this.#file.digest(assertWanted);
  }

  begin({ start }: UploadOffer): ContentStream {
    const { file, digests } = this.#prepared;
    if (start > file.size) throw new TransferError('protocol-violation', 'the server has more than there is');
    const listBytes = digests.chunkHashes.byteLength;
    return {
      resumedBytes: start,
      movedBytes: (streamBytes) => Math.max(0, streamBytes - listBytes),
      // CHAT-UPLOAD-4
      handleAnswer: () => {
        throw new TransferError('protocol-violation', 'the server sent bytes into an upload');
      },
      pieces: () => piecesOf(file, digests, start),
    };
  }

  close(): void {
    this.#file?.close();
  }

  get #prepared(): { readonly file: SourceFile; readonly digests: SourceDigests } {
    const [file, digests] = [this.#file, this.#digests];
    if (file === undefined || digests === undefined) throw new TransferError('host-failed', 'not prepared');
    return { file, digests };
  }
}

async function* piecesOf(file: SourceFile, { chunkHashes }: SourceDigests, start: number) {
  if (chunkHashes.byteLength > 0) yield chunkHashes;
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES_MAX, file.size));
  for (let at = start; at < file.size; ) {
    const count = file.read(buffer.subarray(0, file.size - at), at);
    yield buffer.subarray(0, count);
    at += count;
  }
  file.checkUnchanged();
}
