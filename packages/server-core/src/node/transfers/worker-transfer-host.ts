import type { Worker } from 'node:worker_threads';
import type { TransferId } from '@parley/protocol';
import type { RudpConfig, UdpIo, UdpSocketStatistics } from '@parley/rudp';
import { endThread, startThread } from '@parley/threads';
import type {
  FolderOffer,
  FolderUploadOffer,
  TransferHost,
  TransferHostEvent,
  TransferOffer,
  TransferRates,
  UploadOffer,
} from '../../transfers/transfer-host.ts';
import type { TransferCommand, TransferReport, TransferWorkerData } from './transfer-messages.ts';

/** Options of `openWorkerTransferHost`. */
export interface WorkerTransferHostOptions {
  /** Address of the UDP socket. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Settings of the transport. */
  readonly config?: Partial<RudpConfig>;
  /** How datagrams reach the system; see `io` of `@parley/rudp`. */
  readonly io?: UdpIo | undefined;
  /** Called with the figures of every socket that is opened: one at the start, and one for each worker that died. */
  readonly onOpened?: (socket: UdpSocketStatistics) => void;
  /** Where a qlog of each transfer is written. */
  readonly qlogDirectory?: string | undefined;
  /** How fast files are moved at most. */
  readonly rates?: TransferRates | undefined;
  /** Starts the thread; the default is the worker that comes with this package. */
  readonly startWorker?: (data: TransferWorkerData) => Worker;
}

/** The host could not be opened, or cannot take an offer now. */
export class TransferHostError extends Error {
  override readonly name = 'TransferHostError';
  readonly code: 'open-failed' | 'offer-failed' | 'host-closed' | 'worker-died';
  /** The system's code when the UDP socket could not be opened, such as EADDRINUSE. */
  readonly systemCode: string | undefined;

  constructor(code: TransferHostError['code'], message: string, systemCode?: string) {
    super(message);
    this.code = code;
    this.systemCode = systemCode;
  }
}

/** Starts the worker and opens its UDP socket; rejects with a `TransferHostError` when that fails. */
export async function openWorkerTransferHost(options: WorkerTransferHostOptions): Promise<TransferHost> {
  const host = new WorkerTransferHost(options);
  await host.open();
  return host;
}

/** Pause before another worker is tried when the last one did not even open its socket. */
const RESTART_DELAY_MS = 1_000;

interface PendingOffer {
  readonly resolve: (offered: { readonly start: number }) => void;
  readonly reject: (error: TransferHostError) => void;
}

/** The main thread's side of the worker: forwards commands and events, and starts another worker when one dies. */
class WorkerTransferHost implements TransferHost {
  readonly #options: WorkerTransferHostOptions;
  #worker: Worker | undefined;
  #address: { readonly host: string; readonly port: number } | undefined;
  #tlsPort: number | undefined;
  #onEvent: (event: TransferHostEvent) => void = () => undefined;
  /** Transfers without an end, with what was last heard of them. */
  readonly #bytesSent = new Map<TransferId, number>();
  readonly #offers = new Map<TransferId, PendingOffer>();
  #opening: Promise<void> | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #onClosed: () => void = () => undefined;

  constructor(options: WorkerTransferHostOptions) {
    this.#options = options;
  }

  /** Starts a worker; resolves when its socket is open. */
  open(): Promise<void> {
    const { host, port, config, io, qlogDirectory, rates } = this.#options;
    const start = this.#options.startWorker ?? startTransferWorker;
    // A worker that follows another takes the address that clients were told.
    const worker = start({ ...(this.#address ?? { host, port }), config, io, qlogDirectory, rates });
    this.#worker = worker;
    this.#opening = new Promise((resolve, reject) => {
      let cause: Error | undefined;
      let hasOpened = false;
      worker.on('message', (report: TransferReport) => {
        if (report.type === 'opened') {
          this.#address = { host: report.host, port: report.port };
          this.#tlsPort = report.tlsPort;
          hasOpened = true;
          this.#options.onOpened?.(report.socket);
          resolve();
        } else if (report.type === 'open-failed') {
          reject(new TransferHostError('open-failed', report.message, report.code));
        } else this.#handleReport(report);
      });
      worker.on('error', (error) => {
        cause = error as Error;
      });
      worker.on('exit', () => {
        const words = `the thread that moves files died${cause ? `: ${cause.message}` : ''}`;
        reject(new TransferHostError('worker-died', words));
        this.#handleExit(worker, words);
        // One that never opened is the business of whoever called `open`.
        if (hasOpened && this.#closing === undefined) this.#restart();
      });
    });
    return this.#opening;
  }

  address(): { readonly host: string; readonly port: number } {
    if (this.#address === undefined) throw new TransferHostError('open-failed', 'the host is not open');
    return this.#address;
  }

  tlsPort(): number | undefined {
    return this.#tlsPort;
  }

  onEvent(listener: (event: TransferHostEvent) => void): void {
    this.#onEvent = listener;
  }

  async offer(offer: TransferOffer | FolderOffer): Promise<void> {
    await this.#offer({ type: 'offer', offer });
  }

  expect(offer: UploadOffer | FolderUploadOffer): Promise<{ readonly start: number }> {
    return this.#offer({ type: 'expect', offer });
  }

  async #offer(
    command: Extract<TransferCommand, { type: 'offer' | 'expect' }>,
  ): Promise<{ readonly start: number }> {
    await this.#opening;
    if (this.#closing !== undefined) throw new TransferHostError('host-closed', 'the host is closed');
    if (this.#worker === undefined) throw new TransferHostError('worker-died', 'files cannot be sent now');
    return await new Promise((resolve, reject) => {
      this.#offers.set(command.offer.transferId, { resolve, reject });
      this.#send(command);
    });
  }

  cancel(transferId: TransferId, { isKept }: { readonly isKept: boolean }): void {
    this.#send({ type: 'cancel', transferId, isKept });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #send(command: TransferCommand): void {
    this.#worker?.postMessage(command);
  }

  #handleReport(report: TransferReport): void {
    switch (report.type) {
      case 'offered':
        this.#bytesSent.set(report.transferId, 0);
        this.#takeOffer(report.transferId)?.resolve(report);
        break;
      case 'offer-failed':
        this.#takeOffer(report.transferId)?.reject(new TransferHostError('offer-failed', report.message));
        break;
      case 'event':
        this.#handleEvent(report.event);
        break;
      case 'closed':
        this.#onClosed();
        break;
    }
  }

  #takeOffer(transferId: TransferId): PendingOffer | undefined {
    const offer = this.#offers.get(transferId);
    this.#offers.delete(transferId);
    return offer;
  }

  #handleEvent(event: TransferHostEvent): void {
    if (event.type === 'progress') this.#bytesSent.set(event.transferId, event.bytesSent);
    else if (event.type === 'completed' || event.type === 'failed') this.#bytesSent.delete(event.transferId);
    this.#onEvent(event);
  }

  #handleExit(worker: Worker, words: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#tlsPort = undefined;
    this.#onClosed();
    const reason = this.#closing === undefined ? 'internal-error' : 'host-closed';
    for (const { reject } of this.#offers.values()) reject(new TransferHostError('worker-died', words));
    this.#offers.clear();
    for (const [transferId, bytesSent] of this.#bytesSent) {
      this.#bytesSent.delete(transferId);
      this.#onEvent({ type: 'failed', transferId, bytesSent, reason, detail: words });
    }
  }

  #restart(): void {
    this.open().catch(() => {
      // Perhaps somebody has taken the port: offers fail until another try succeeds.
      if (this.#closing !== undefined) return;
      this.#restartTimer = setTimeout(() => this.#restart(), RESTART_DELAY_MS);
    });
  }

  async #close(): Promise<void> {
    clearTimeout(this.#restartTimer);
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
