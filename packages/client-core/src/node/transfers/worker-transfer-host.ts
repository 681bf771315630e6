import { unlinkSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import type { RudpConfig, UdpIo } from '@parley/rudp';
import { endThread, startThread } from '@parley/threads';
import type { Download, DownloadListener, DownloadOffer, DownloadTask } from '../../transfers/download.ts';
import type { RunningTransfer, TransferEnd, TransferPolicy } from '../../transfers/running-transfer.ts';
import type { TransferHost } from '../../transfers/transfer-host.ts';
import type { Upload, UploadListener, UploadOffer, UploadTask } from '../../transfers/upload.ts';
import { closedTransfer } from './transfer-engine.ts';
import type { TransferWorkerData, WorkerCommand, WorkerReport } from './worker-messages.ts';

/** Options of `createWorkerTransferHost`. */
export interface WorkerTransferHostOptions {
  /** Settings of the transport. */
  readonly config?: Partial<RudpConfig>;
  /** How datagrams reach the system; see `io` of `@parley/rudp`. */
  readonly io?: UdpIo | undefined;
  /** Where a qlog of each transfer is written. */
  readonly qlogDirectory?: string | undefined;
  /** What transfers may use; `auto` unless given. */
  readonly transfers?: TransferPolicy | undefined;
  /** How many bytes a second move at most, in each direction. */
  readonly bytesPerSecondMax?: number | undefined;
  /** Starts the thread; the default is the worker that comes with this package. */
  readonly startWorker?: (data: TransferWorkerData) => Worker;
}

/** Runs transfers in a worker thread, which is started with the first of them. */
export function createWorkerTransferHost(options: WorkerTransferHostOptions = {}): TransferHost {
  return new WorkerTransferHost(options);
}

/** What the main thread knows of one transfer. */
interface Entry {
  readonly settle: (outcome: TransferEnd) => void;
  readonly onProgress: DownloadListener['onProgress'];
  readonly onWanted?: DownloadListener['onWanted'];
  readonly onWantedUpload?: UploadListener['onWanted'];
  lockPath: string | undefined;
}

class WorkerTransferHost implements TransferHost {
  readonly #options: WorkerTransferHostOptions;
  readonly #entries = new Map<number, Entry>();
  #bytesPerSecondMax: number | undefined;
  #worker: Worker | undefined;
  #nextId = 1;
  #closing: Promise<void> | undefined;
  #onClosed: () => void = () => undefined;

  constructor(options: WorkerTransferHostOptions) {
    this.#options = options;
    this.#bytesPerSecondMax = options.bytesPerSecondMax;
  }

  download(task: DownloadTask, listener: DownloadListener): Download {
    return this.#run<DownloadTask, DownloadOffer>(task, {
      entry: { onProgress: listener.onProgress, onWanted: listener.onWanted },
      start: (id) => this.#send({ type: 'download', id, task }),
      take: (id, offer) => this.#send({ type: 'take', id, offer }),
    });
  }

  upload(task: UploadTask, listener: UploadListener): Upload {
    return this.#run<UploadTask, UploadOffer>(task, {
      entry: { onProgress: listener.onProgress, onWantedUpload: listener.onWanted },
      start: (id) => this.#send({ type: 'upload', id, task }),
      take: (id, offer) => this.#send({ type: 'take-upload', id, offer }),
    });
  }

  prepare(): void {
    if (this.#closing !== undefined || this.#worker !== undefined) return;
    this.#worker = this.#start();
    this.#worker.unref();
    this.#send({ type: 'prepare' });
  }

  limitRate(bytesPerSecondMax: number | undefined): void {
    // A worker that follows another one has the same limit.
    this.#bytesPerSecondMax = bytesPerSecondMax;
    this.#send({ type: 'limit-rate', bytesPerSecondMax });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #run<Task, Offer>(
    task: Task,
    parts: {
      readonly entry: Omit<Entry, 'settle' | 'lockPath'>;
      readonly start: (id: number) => void;
      readonly take: (id: number, offer: Offer) => void;
    },
  ): RunningTransfer<Task, Offer> {
    if (this.#closing !== undefined) return closedTransfer(task);
    const id = this.#nextId;
    this.#nextId += 1;
    const outcome = new Promise<TransferEnd>((resolve) => {
      this.#entries.set(id, { settle: resolve, ...parts.entry, lockPath: undefined });
    });
    this.#worker ??= this.#start();
    // An idle worker must not keep a process alive, a busy one must.
    this.#worker.ref();
    parts.start(id);
    return {
      task,
      outcome,
      take: (offer) => {
        if (this.#entries.has(id)) parts.take(id, offer);
      },
      pause: () => this.#sendTo(id, 'pause'),
      resume: () => this.#sendTo(id, 'resume'),
      interrupt: () => this.#sendTo(id, 'interrupt'),
      stop: () => this.#sendTo(id, 'stop'),
      cancel: () => this.#sendTo(id, 'cancel'),
    };
  }

  #start(): Worker {
    const start = this.#options.startWorker ?? startTransferWorker;
    const { config, io, qlogDirectory, transfers } = this.#options;
    const bytesPerSecondMax = this.#bytesPerSecondMax;
    const worker = start({ config, io, qlogDirectory, transfers, bytesPerSecondMax });
    worker.on('message', (report: WorkerReport) => this.#handleReport(report));
    // `exit` follows; without a listener the error would end the process.
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => this.#handleExit(worker, cause));
    return worker;
  }

  #send(command: WorkerCommand): void {
    this.#worker?.postMessage(command);
  }

  #sendTo(id: number, type: 'pause' | 'resume' | 'interrupt' | 'stop' | 'cancel'): void {
    if (this.#entries.has(id)) this.#send({ type, id });
  }

  #handleReport(report: WorkerReport): void {
    if (report.type === 'closed') {
      this.#onClosed();
      return;
    }
    const entry = this.#entries.get(report.id);
    if (entry === undefined) return;
    if (report.type === 'locked') entry.lockPath = report.lockPath;
    else if (report.type === 'progress') entry.onProgress(report.progress);
    else if (report.type === 'wanted') entry.onWanted?.(report.wanted);
    else if (report.type === 'wanted-upload') entry.onWantedUpload?.(report.wanted);
    else this.#settle(report.id, entry, report.outcome);
  }

  #settle(id: number, entry: Entry, outcome: TransferEnd): void {
    this.#entries.delete(id);
    if (this.#entries.size === 0) this.#worker?.unref();
    entry.settle(outcome);
  }

  #handleExit(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    // The next transfer starts another one.
    this.#worker = undefined;
    const detail = cause instanceof Error ? `: ${cause.message}` : '';
    const outcome: TransferEnd =
      this.#closing === undefined
        ? { kind: 'failed', code: 'host-failed', message: `the thread that moves files died${detail}` }
        : { kind: 'stopped' };
    for (const [id, entry] of this.#entries) {
      if (entry.lockPath !== undefined) removeLock(entry.lockPath);
      this.#settle(id, entry, outcome);
    }
    this.#onClosed();
  }

  async #close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const closed = new Promise<void>((resolve) => {
      this.#onClosed = resolve;
    });
    this.#send({ type: 'close' });
    await endThread(worker, closed);
  }
}

function startTransferWorker(data: TransferWorkerData): Worker {
  return startThread(import.meta.url, './transfer-worker', data);
}

/** Its owner is dead; our process, whose number it bears, is not. */
function removeLock(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Released already.
  }
}
