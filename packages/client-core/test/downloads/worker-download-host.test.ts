import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createWorkerDownloadHost,
  type WorkerDownloadHostOptions,
} from '../../src/node/worker-download-host.ts';
import type { DownloadHost, DownloadProgress } from '../../src/transfers/download-host.ts';
import { makeFolder, namesIn, patternBytes, requestFor, startSender } from './support.ts';

/** A host, and the workers that it started. */
function makeHost(options: WorkerDownloadHostOptions = {}): { host: DownloadHost; workers: Worker[] } {
  const workers: Worker[] = [];
  const host = createWorkerDownloadHost({
    startWorker: (data) => {
      const worker = new Worker(new URL('../../src/node/transfer-worker.ts', import.meta.url), {
        workerData: data,
        execArgv: ['--conditions=@parley/source'],
      });
      workers.push(worker);
      return worker;
    },
    ...options,
  });
  onTestFinished(() => host.close());
  return { host, workers };
}

describe('downloads in a worker', () => {
  test('arrive whole, with progress, all in one thread that is started with the first', async () => {
    const folder = makeFolder();
    const { host, workers } = makeHost();
    expect(workers).toHaveLength(0);
    const bytes = patternBytes(3_000_000);
    const progress: DownloadProgress[] = [];
    for (const name of ['one', 'two']) {
      const sender = await startSender((connection) => connection.end(bytes));
      const request = requestFor(bytes, { ...sender, targetPath: join(folder, name) });
      const download = host.download(request, (report) => progress.push(report));
      await expect(download.outcome).resolves.toMatchObject({ kind: 'completed', size: bytes.byteLength });
      expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true);
    }
    expect(workers).toHaveLength(1);
    expect(namesIn(folder)).toEqual(['one', 'two']);
    expect(
      progress.some(
        ({ phase, receivedBytes }) => phase === 'verifying' && receivedBytes === bytes.byteLength,
      ),
    ).toBe(true);
  });

  test('run in the worker that comes with the package', async () => {
    const bytes = patternBytes(10_000);
    const targetPath = join(makeFolder(), 'file');
    const host = createWorkerDownloadHost();
    onTestFinished(() => host.close());
    const sender = await startSender((connection) => connection.end(bytes));
    const download = host.download(requestFor(bytes, { ...sender, targetPath }));
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
  });

  test('can be paused, resumed and cancelled', async () => {
    const folder = makeFolder();
    const { host } = makeHost();
    const sender = await startSender((connection) => connection.write(patternBytes(1000)));
    const request = requestFor(patternBytes(5000), { ...sender, targetPath: join(folder, 'file') });
    const phases: string[] = [];
    const download = host.download(request, ({ phase, receivedBytes }) => {
      phases.push(phase);
      if (phase === 'receiving' && receivedBytes === 1000 && !phases.includes('paused')) download.pause();
      else if (phase === 'paused') download.resume();
      else if (phase === 'receiving' && phases.includes('paused')) download.cancel();
    });
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    expect(namesIn(folder)).toEqual([]);
    download.pause();
  });

  test('bring failures across as they are', async () => {
    const folder = makeFolder();
    const { host } = makeHost();
    const sender = await startSender((connection) => connection.end(patternBytes(10)));
    const request = requestFor(patternBytes(10), { ...sender, targetPath: join(folder, 'file') });
    const outcome = await host.download({ ...request, sha256: new Uint8Array(32) }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'hash-mismatch' });
    expect(namesIn(folder)).toEqual([]);
  });
});

describe('a worker that dies', () => {
  test('fails its downloads, leaves no part file, and the next download starts another', async () => {
    const folder = makeFolder();
    const { host, workers } = makeHost();
    const bytes = patternBytes(5000);
    const stuck = await startSender((connection) => connection.write(bytes.subarray(0, 1000)));
    const download = host.download(
      requestFor(bytes, { ...stuck, targetPath: join(folder, 'file') }),
      ({ receivedBytes }) => {
        if (receivedBytes === 1000) void workers[0]?.terminate();
      },
    );
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'host-failed' });
    expect(namesIn(folder)).toEqual([]);

    const sender = await startSender((connection) => connection.end(bytes));
    const again = host.download(requestFor(bytes, { ...sender, targetPath: join(folder, 'file') }));
    await expect(again.outcome).resolves.toMatchObject({ kind: 'completed' });
    expect(workers).toHaveLength(2);
  });

  test('says in the message what killed it', async () => {
    const { host } = makeHost({
      startWorker: () => new Worker('throw new Error("out of luck")', { eval: true }),
    });
    const request = requestFor(patternBytes(1), {
      udpPort: 9,
      ticket: new Uint8Array(32),
      targetPath: '/nowhere',
    });
    const outcome = await host.download(request).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'host-failed' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('out of luck'));
  });
});

describe('closing the host', () => {
  test('cancels what runs, removes its part file and takes nothing more', async () => {
    const folder = makeFolder();
    const { host } = makeHost();
    const sender = await startSender((connection) => connection.write(patternBytes(1000)));
    const request = requestFor(patternBytes(5000), { ...sender, targetPath: join(folder, 'file') });
    const download = host.download(request);
    await Promise.all([host.close(), host.close()]);
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    expect(namesIn(folder)).toEqual([]);
    await expect(host.download(request).outcome).resolves.toMatchObject({
      kind: 'failed',
      code: 'host-failed',
    });
  });

  test('stops a worker that does not answer', async () => {
    const { host } = makeHost({
      startWorker: () => new Worker('setInterval(() => {}, 1000)', { eval: true }),
    });
    const request = requestFor(patternBytes(1), {
      udpPort: 9,
      ticket: new Uint8Array(32),
      targetPath: '/nowhere',
    });
    const download = host.download(request);
    await host.close();
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
  });

  test('before any download has nothing to do', async () => {
    const { host, workers } = makeHost();
    await host.close();
    expect(workers).toHaveLength(0);
  });
});
