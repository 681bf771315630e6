import { parentPort, workerData } from 'node:worker_threads';
import type { Download, DownloadRequest } from '../transfers/download-host.ts';
import { DownloadEngine } from './download-engine.ts';
import type { DownloadCommand, DownloadReport, DownloadWorkerData } from './download-messages.ts';

// The entry of the thread that `WorkerDownloadHost` starts: an engine behind a message port.

const { config, io, qlogDirectory } = workerData as DownloadWorkerData;
const ids = new Map<DownloadRequest, number>();
const downloads = new Map<number, Download>();
const engine = new DownloadEngine({
  config,
  io,
  qlogDirectory,
  onPartCreated: (request, path) => report({ type: 'part-created', id: ids.get(request) ?? -1, path }),
});

parentPort?.on('message', (command: DownloadCommand) => {
  switch (command.type) {
    case 'download':
      start(command.id, command.request);
      break;
    case 'close':
      void engine.close().then(() => report({ type: 'closed' }));
      break;
    default:
      downloads.get(command.id)?.[command.type]();
  }
});

function start(id: number, request: DownloadRequest): void {
  ids.set(request, id);
  const download = engine.download(request, (progress) => report({ type: 'progress', id, progress }));
  downloads.set(id, download);
  void download.outcome.then((outcome) => {
    downloads.delete(id);
    ids.delete(request);
    report({ type: 'outcome', id, outcome });
  });
}

function report(message: DownloadReport): void {
  parentPort?.postMessage(message);
}
