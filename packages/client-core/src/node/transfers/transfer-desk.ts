import type { ClientEvent } from '../../domain/events.ts';
import type { Transfer, TransferStep } from '../../domain/transfers/transfer.ts';
import { isTransferOver } from '../../domain/transfers/transfer-state.ts';
import type { Download, DownloadTask } from '../../transfers/download.ts';
import type { TransferHost } from '../../transfers/transfer-host.ts';
import type { Upload, UploadTask } from '../../transfers/upload.ts';

/** What concerns a transfer that runs. */
export type RunningStep = Exclude<
  TransferStep,
  { type: 'request-offer' | 'request-upload-offer' | 'decline-offer' | 'transfer-changed' }
>;

/** Brings the client's transfers and the host that moves their bytes together. */
export class TransferDesk {
  readonly #createHost: () => TransferHost;
  readonly #server: () => { readonly host: string; readonly tcpPort: number };
  readonly #onEvent: (event: ClientEvent) => void;
  readonly #downloads = new Map<number, Download>();
  readonly #uploads = new Map<number, Upload>();
  readonly #finishers = new Map<number, (transfer: Transfer) => void>();
  #host: TransferHost | undefined;

  constructor(options: {
    readonly createHost: () => TransferHost;
    /** Where the control connection goes, at the moment. */
    readonly server: () => { readonly host: string; readonly tcpPort: number };
    readonly onEvent: (event: ClientEvent) => void;
  }) {
    this.#createHost = options.createHost;
    this.#server = options.server;
    this.#onEvent = options.onEvent;
  }

  carryOut(step: RunningStep): void {
    if (step.type === 'start-download') {
      this.#start(step.number, step);
      return;
    }
    if (step.type === 'start-upload') {
      this.#startUpload(step.number, step);
      return;
    }
    const transfer = this.#runningOf(step.number);
    switch (step.type) {
      // CHAT-TRANSFER-3
      case 'give-offer':
        this.#downloads.get(step.number)?.take({ ...step.offer, ...this.#server() });
        break;
      case 'give-upload-offer':
        this.#uploads.get(step.number)?.take({ ...step.offer, ...this.#server() });
        break;
      case 'pause-running':
        transfer?.pause();
        break;
      case 'resume-running':
        transfer?.resume();
        break;
      case 'interrupt-running':
        transfer?.interrupt();
        break;
      case 'stop-running':
        transfer?.stop();
        break;
      case 'cancel-running':
        transfer?.cancel();
        break;
    }
  }

  /** Resolves with the last snapshot of a transfer, once nothing holds its files any more. */
  finished(transfer: Transfer): Promise<Transfer> {
    if (isTransferOver(transfer.state)) return Promise.resolve(transfer);
    return new Promise((resolve) => this.#finishers.set(transfer.number, resolve));
  }

  /** Takes notice of a snapshot. */
  handleChange(transfer: Transfer): void {
    const { number, state } = transfer;
    if (!isTransferOver(state)) return;
    const finish = () => {
      this.#finishers.get(number)?.(transfer);
      this.#finishers.delete(number);
    };
    // A session that has ended is told at once, and what it ran stops a little later.
    const running = this.#runningOf(number);
    if (running === undefined) finish();
    else void running.outcome.then(finish);
  }

  /** What moves bytes gets ready before there are any. */
  prepare(): void {
    this.#openHost.prepare?.();
  }

  /** Says how fast what moves may be. */
  limitRate(bytesPerSecondMax: number | undefined): void {
    this.#openHost.limitRate?.(bytesPerSecondMax);
  }

  /** Stops what runs and frees the thread. */
  async close(): Promise<void> {
    await this.#host?.close();
  }

  /** Made when something is first asked of it. */
  get #openHost(): TransferHost {
    this.#host ??= this.#createHost();
    return this.#host;
  }

  #start(number: number, { targetPath, isFolder }: DownloadTask): void {
    const download = this.#openHost.download(
      { targetPath, isFolder },
      {
        onProgress: (progress) => this.#onEvent({ type: 'transfer-progress', number, progress }),
        onWanted: (wanted) => this.#onEvent({ type: 'download-wanted', number, wanted }),
      },
    );
    this.#keep(this.#downloads, number, download);
  }

  #startUpload(number: number, { sourcePath, folderName }: UploadTask): void {
    const upload = this.#openHost.upload(
      { sourcePath, folderName },
      {
        onProgress: (progress) => this.#onEvent({ type: 'transfer-progress', number, progress }),
        onWanted: (wanted) => this.#onEvent({ type: 'upload-wanted', number, wanted }),
      },
    );
    this.#keep(this.#uploads, number, upload);
  }

  #keep<Running extends Download | Upload>(
    all: Map<number, Running>,
    number: number,
    transfer: Running,
  ): void {
    all.set(number, transfer);
    void transfer.outcome.then((outcome) => {
      all.delete(number);
      this.#onEvent({ type: 'transfer-settled', number, outcome });
    });
  }

  #runningOf(number: number): Download | Upload | undefined {
    return this.#downloads.get(number) ?? this.#uploads.get(number);
  }
}
