import { parentPort, workerData } from 'node:worker_threads';
import { prepare } from '@parley/rudp';
import { lowerPriorityOfThread } from '@parley/threads';
import type { Download, DownloadTask } from '../../transfers/download.ts';
import type { Upload, UploadTask } from '../../transfers/upload.ts';
import { TransferEngine } from './transfer-engine.ts';
import type { TransferWorkerData, WorkerCommand, WorkerReport } from './worker-messages.ts';

// The entry of the thread that `WorkerTransferHost` starts: an engine behind a message port.

lowerPriorityOfThread();

const { config, io, qlogDirectory, transfers, bytesPerSecondMax } = workerData as TransferWorkerData;
const ids = new Map<DownloadTask, number>();
const downloads = new Map<number, Download>();
const uploads = new Map<number, Upload>();
const engine = new TransferEngine({
  config,
  io,
  qlogDirectory,
  transfers,
  bytesPerSecondMax,
  onLocked: (task, lockPath) => report({ type: 'locked', id: ids.get(task) ?? -1, lockPath }),
});

/** What the main thread wants waits until the rehearsal is over: at the same time, both would be slow, and UDP seem to be blocked. */
let ready: Promise<void> = Promise.resolve();
const closing = new AbortController();

parentPort?.on('message', (command: WorkerCommand) => {
  switch (command.type) {
    case 'prepare':
      // A machine where that fails says so with the first transfer.
      ready = prepare({ io, signal: closing.signal }).catch(() => undefined);
      break;
    case 'close':
      closing.abort();
      // Then this thread is ended by force, which no native call must be in the middle of.
      void ready.then(() => engine.close()).then(() => report({ type: 'closed' }));
      break;
    default:
      ready = ready.then(() => carryOut(command));
  }
});

function carryOut(command: Exclude<WorkerCommand, { readonly type: 'prepare' | 'close' }>): void {
  switch (command.type) {
    case 'download':
      start(command.id, command.task);
      break;
    case 'upload':
      startUpload(command.id, command.task);
      break;
    case 'take-upload':
      uploads.get(command.id)?.take(command.offer);
      break;
    case 'take':
      downloads.get(command.id)?.take(command.offer);
      break;
    case 'limit-rate':
      engine.limitRate(command.bytesPerSecondMax);
      break;
    default:
      (downloads.get(command.id) ?? uploads.get(command.id))?.[command.type]();
  }
}

function start(id: number, task: DownloadTask): void {
  ids.set(task, id);
  const download = engine.download(task, {
    onProgress: (progress) => report({ type: 'progress', id, progress }),
    onWanted: (wanted) => report({ type: 'wanted', id, wanted }),
  });
  keep(downloads, id, download);
  void download.outcome.then(() => ids.delete(task));
}

function startUpload(id: number, task: UploadTask): void {
  const upload = engine.upload(task, {
    onProgress: (progress) => report({ type: 'progress', id, progress }),
    onWanted: (wanted) => report({ type: 'wanted-upload', id, wanted }),
  });
  keep(uploads, id, upload);
}

function keep<Running extends Download | Upload>(
  all: Map<number, Running>,
  id: number,
  transfer: Running,
): void {
  all.set(id, transfer);
  void transfer.outcome.then((outcome) => {
    all.delete(id);
    report({ type: 'outcome', id, outcome });
  });
}

function report(message: WorkerReport): void {
  parentPort?.postMessage(message);
}
