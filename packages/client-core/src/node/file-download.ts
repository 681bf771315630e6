import type { RudpConfig, RudpConnection, UdpIo } from '@parley/rudp';
import { connect, derivePreSharedKey } from '@parley/rudp';
import type {
  Download,
  DownloadOutcome,
  DownloadPhase,
  DownloadProgress,
  DownloadRequest,
} from '../transfers/download-host.ts';
import { DownloadError, downloadErrorFrom, resetCodeOf } from './download-failure.ts';
import { PartFile, type TargetFileSystem } from './part-file.ts';
import { RateMeter } from './rate-meter.ts';

/** What a download needs of its engine. */
export interface FileDownloadOptions {
  readonly config: Partial<RudpConfig> | undefined;
  readonly io: UdpIo | undefined;
  readonly qlogDirectory: string | undefined;
  readonly fileSystem: TargetFileSystem | undefined;
  readonly onProgress: (progress: DownloadProgress) => void;
  /** The part file exists under this path from now on: whoever outlives the download removes it. */
  readonly onPartCreated: (path: string) => void;
}

/** Ten times a second is what an eye can follow. */
const progressIntervalMs = 100;
/** Holds a paused transfer, and the mappings of routers on the way, which forget a silent one after 30 s. */
const keepAliveMs = 5_000;

/** One download from the first packet to the final name. Starts by itself; `outcome` never rejects. */
export class FileDownload implements Download {
  readonly request: DownloadRequest;
  readonly outcome: Promise<DownloadOutcome>;
  readonly #options: FileDownloadOptions;
  readonly #rate = new RateMeter();
  readonly #startedAt = performance.now();
  #connection: RudpConnection | undefined;
  #part: PartFile | undefined;
  #isEstablished = false;
  #isPaused = false;
  #isVerifying = false;
  #isCancelled = false;
  #isOver = false;
  #reported: DownloadProgress | undefined;

  constructor(request: DownloadRequest, options: FileDownloadOptions) {
    this.request = request;
    this.#options = options;
    this.outcome = this.#run();
  }

  pause(): void {
    if (this.#isOver || this.#isVerifying) return;
    this.#isPaused = true;
    this.#connection?.pauseReceiving();
    this.#reportSoon();
  }

  resume(): void {
    if (this.#isOver || !this.#isPaused) return;
    this.#isPaused = false;
    this.#connection?.resumeReceiving();
    this.#reportSoon();
  }

  // CHAT-TRANSFER-9
  cancel(): void {
    if (this.#isOver) return;
    this.#isCancelled = true;
    this.#connection?.reset(resetCodeOf('cancelled'), 'cancelled');
  }

  async #run(): Promise<DownloadOutcome> {
    // The caller gets its `Download` before the first thing that can fail.
    await Promise.resolve();
    const timer = setInterval(() => this.#report(), progressIntervalMs);
    try {
      if (this.#isCancelled) return { kind: 'cancelled' };
      const part = PartFile.create(this.request.targetPath, this.#options.fileSystem);
      this.#part = part;
      this.#options.onPartCreated(part.path);
      await this.#receive(part);
      await this.#verify(part);
      await part.publish();
      return this.#completed();
    } catch (error) {
      this.#part?.discard();
      this.#connection?.reset(resetCodeOf('cancelled'), 'the receiver failed');
      if (this.#isCancelled) return { kind: 'cancelled' };
      const { code, message } = downloadErrorFrom(error);
      return { kind: 'failed', code, message };
    } finally {
      this.#isOver = true;
      clearInterval(timer);
    }
  }

  /** Resolves when every byte of the stream is in the part file. */
  #receive(part: PartFile): Promise<void> {
    const { host, udpPort, ticket, size } = this.request;
    const { io, qlogDirectory } = this.#options;
    const connection = connect({
      host,
      port: udpPort,
      preSharedKey: derivePreSharedKey(ticket),
      config: { keepAliveMs, ...this.#options.config },
      ...(io === undefined ? {} : { io }),
      ...(qlogDirectory === undefined ? {} : { qlogDirectory }),
    });
    this.#connection = connection;
    if (this.#isPaused) connection.pauseReceiving();
    connection.receiveInto({
      write: (offset, bytes) => {
        if (offset + bytes.byteLength > size) throw sizeMismatch(size, 'more');
        part.write(offset, bytes);
      },
    });
    return new Promise((resolve, reject) => {
      connection.once('established', () => {
        this.#isEstablished = true;
        this.#report();
      });
      connection.on('error', reject);
      connection.once('end', () => {
        if (connection.receivedBytesContiguous !== size) {
          reject(sizeMismatch(size, `${connection.receivedBytesContiguous}`));
          return;
        }
        connection.end();
        resolve();
      });
      connection.once('close', () => {
        reject(new DownloadError('host-failed', 'the connection was closed before the end of the file'));
      });
    });
  }

  // CHAT-TRANSFER-11
  async #verify(part: PartFile): Promise<void> {
    this.#isVerifying = true;
    this.#report();
    const hash = await part.hash(() => this.#isCancelled);
    if (this.#isCancelled) throw new DownloadError('host-failed', 'cancelled');
    if (Buffer.compare(hash, this.request.sha256) === 0) return;
    throw new DownloadError(
      'hash-mismatch',
      'the bytes that arrived are not those that the server announced (sha-256 differs)',
    );
  }

  #completed(): DownloadOutcome {
    const { targetPath, size } = this.request;
    return {
      kind: 'completed',
      path: targetPath,
      size,
      durationMs: performance.now() - this.#startedAt,
    };
  }

  /** Not from inside a call of the user, who may call back. */
  #reportSoon(): void {
    setImmediate(() => this.#report());
  }

  #report(): void {
    if (this.#isOver) return;
    const receivedBytes = this.#part?.receivedBytes ?? 0;
    const progress: DownloadProgress = {
      phase: this.#phase(),
      receivedBytes,
      size: this.request.size,
      bytesPerSecond: this.#rate.record(performance.now(), receivedBytes),
    };
    if (this.#reported !== undefined && isSame(progress, this.#reported)) return;
    this.#reported = progress;
    this.#options.onProgress(progress);
  }

  #phase(): DownloadPhase {
    if (this.#isVerifying) return 'verifying';
    if (this.#isPaused) return 'paused';
    return this.#isEstablished ? 'receiving' : 'connecting';
  }
}

function isSame(left: DownloadProgress, right: DownloadProgress): boolean {
  return (
    left.phase === right.phase &&
    left.receivedBytes === right.receivedBytes &&
    left.bytesPerSecond === right.bytesPerSecond
  );
}

function sizeMismatch(announced: number, found: string): DownloadError {
  return new DownloadError(
    'size-mismatch',
    `the server announced ${announced} bytes and sent ${found}: ask for the file again`,
  );
}
