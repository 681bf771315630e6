import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createWorkerTransferHost,
  type WorkerTransferHostOptions,
} from '../../src/node/transfers/worker-transfer-host.ts';
import type { TransferProgress } from '../../src/transfers/running-transfer.ts';
import type { TransferHost } from '../../src/transfers/transfer-host.ts';
import {
  chunkRootOf,
  fetchWith,
  makeFolder,
  namesIn,
  offerOf,
  patternBytes,
  startSender,
  streamOf,
  threadPriorities,
} from './support.ts';

/** A host, and the workers that it started. */
function makeHost(options: WorkerTransferHostOptions = {}): { host: TransferHost; workers: Worker[] } {
  const workers: Worker[] = [];
  const host = createWorkerTransferHost({
    startWorker: (data) => {
      const worker = new Worker(new URL('../../src/node/transfers/transfer-worker.ts', import.meta.url), {
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
    const progress: TransferProgress[] = [];
    for (const name of ['one', 'two']) {
      const sender = await startSender((connection) => connection.end(streamOf(bytes)));
      const { download } = fetchWith(host, join(folder, name), [offerOf(bytes, sender)], (report) =>
        progress.push(report),
      );
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

  test('begin in the thread that was prepared for them', async () => {
    const { host, workers } = makeHost();
    host.prepare?.();
    host.prepare?.();
    expect(workers).toHaveLength(1);
    const bytes = patternBytes(10_000);
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const { download } = fetchWith(host, join(makeFolder(), 'file'), [offerOf(bytes, sender)]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
    expect(workers).toHaveLength(1);
    await host.close();
    host.prepare?.();
    expect(workers).toHaveLength(1);
  });

  test('run in the worker that comes with the package', async () => {
    const bytes = patternBytes(10_000);
    const targetPath = join(makeFolder(), 'file');
    const host = createWorkerTransferHost();
    onTestFinished(() => host.close());
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const { download } = fetchWith(host, targetPath, [offerOf(bytes, sender)]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
  });

  test.skipIf(process.platform !== 'linux')('let the other threads of the process go first', async () => {
    const before = threadPriorities();
    const { host } = makeHost();
    const bytes = patternBytes(1000);
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const { download } = fetchWith(host, join(makeFolder(), 'one'), [offerOf(bytes, sender)]);
    await download.outcome;
    const after = threadPriorities();
    const started = [...after].filter(([thread]) => !before.has(thread));
    expect(started.map(([, priority]) => priority)).toContain(constants.priority.PRIORITY_BELOW_NORMAL);
    expect(after.get(String(process.pid))).toBe(before.get(String(process.pid)));
  });

  test('can be paused, resumed and cancelled', async () => {
    const folder = makeFolder();
    const { host } = makeHost();
    const bytes = patternBytes(5000);
    const sender = await startSender((connection) => connection.write(streamOf(bytes).subarray(0, 1032)));
    const phases: string[] = [];
    const { download } = fetchWith(
      host,
      join(folder, 'file'),
      [offerOf(bytes, sender)],
      ({ phase, receivedBytes }) => {
        phases.push(phase);
        if (phase === 'receiving' && receivedBytes === 1000 && !phases.includes('paused')) download.pause();
        else if (phase === 'paused') download.resume();
        else if (phase === 'receiving' && phases.includes('paused')) download.cancel();
      },
    );
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    expect(namesIn(folder)).toEqual([]);
    download.pause();
  });

  test('bring failures across as they are', async () => {
    const folder = makeFolder();
    const { host } = makeHost();
    const bytes = patternBytes(10);
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const digests = { chunkRoot: chunkRootOf(bytes), sha256: new Uint8Array(32) };
    const offer = { ...offerOf(bytes, sender), digests };
    const { download } = fetchWith(host, join(folder, 'file'), [offer]);
    const outcome = await download.outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'hash-mismatch' });
    expect(namesIn(folder)).toEqual([]);
  });
});

describe('a worker that dies', () => {
  test('fails its downloads, and the next download starts another and goes on with what is there', async () => {
    const folder = makeFolder();
    const { host, workers } = makeHost();
    const bytes = patternBytes(5000);
    const stuck = await startSender((connection) => connection.write(streamOf(bytes).subarray(0, 1032)));
    const { download } = fetchWith(
      host,
      join(folder, 'file'),
      [offerOf(bytes, stuck)],
      ({ receivedBytes }) => {
        if (receivedBytes === 1000) void workers[0]?.terminate();
      },
    );
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'host-failed' });
    expect(namesIn(folder)).toHaveLength(2);

    const sender = await startSender((connection) => connection.end(bytes));
    const again = fetchWith(host, join(folder, 'file'), [offerOf(bytes, sender)]);
    await expect(again.download.outcome).resolves.toMatchObject({ kind: 'completed' });
    expect(again.wanted[0]).toMatchObject({ ranges: [{ start: 0, end: 5000 }] });
    expect(workers).toHaveLength(2);
    expect(namesIn(folder)).toEqual(['file']);
  });

  test('says in the message what killed it', async () => {
    const { host } = makeHost({
      startWorker: () => new Worker('throw new Error("out of luck")', { eval: true }),
    });
    const outcome = await fetchWith(host, '/nowhere', []).download.outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'host-failed' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('out of luck'));
  });
});

describe('closing the host', () => {
  test('stops what runs, keeps what has arrived and takes nothing more', async () => {
    const folder = makeFolder();
    const { host } = makeHost();
    const bytes = patternBytes(5000);
    const sender = await startSender((connection) => connection.write(streamOf(bytes).subarray(0, 1032)));
    let isClosing = false;
    const { download } = fetchWith(host, join(folder, 'file'), [offerOf(bytes, sender)], (progress) => {
      if (progress.receivedBytes === 0 || isClosing) return;
      isClosing = true;
      void host.close();
    });
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
    await Promise.all([host.close(), host.close()]);
    expect(namesIn(folder).map((name) => name.replace(/^.*\.part/, 'part'))).toEqual([
      'part',
      'part-journal',
    ]);
    await expect(fetchWith(host, join(folder, 'other'), []).download.outcome).resolves.toMatchObject({
      kind: 'failed',
      code: 'host-failed',
    });
  });

  test('stops a worker that does not answer', async () => {
    const { host } = makeHost({
      startWorker: () => new Worker('setInterval(() => {}, 1000)', { eval: true }),
    });
    const { download } = fetchWith(host, '/nowhere', []);
    await host.close();
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
  });

  test('before any download has nothing to do', async () => {
    const { host, workers } = makeHost();
    await host.close();
    expect(workers).toHaveLength(0);
  });
});
