import { once } from 'node:events';
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import { listen } from '@parley/rudp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWorkerTransferHost } from '../../src/node/transfers/worker-transfer-host.ts';
import type { TransferHost } from '../../src/transfers/transfer-host.ts';
import { EventLog, makeOffer, patternBytes, present, readAll, threadPriorities } from './support.ts';

/** A host in a worker on a free port, and the workers that it started. */
async function startHost(): Promise<{ host: TransferHost; workers: Worker[]; events: EventLog }> {
  const workers: Worker[] = [];
  const host = await openWorkerTransferHost({
    host: '127.0.0.1',
    port: 0,
    startWorker: (data) => {
      const worker = new Worker(new URL('../../src/node/transfers/transfer-worker.ts', import.meta.url), {
        workerData: data,
        execArgv: ['--conditions=@parley/source'],
      });
      workers.push(worker);
      return worker;
    },
  });
  onTestFinished(() => host.close());
  return { host, workers, events: new EventLog(host) };
}

test('sends files from a thread of its own', async () => {
  const { host, events } = await startHost();
  const bytes = patternBytes(3_000_000);
  const offer = makeOffer(bytes);
  await host.offer(offer);
  const connection = present(host, offer);
  expect((await readAll(connection)).equals(bytes)).toBe(true);
  connection.end();
  await expect(events.of(offer, 'completed')).resolves.toMatchObject({ bytesSent: bytes.byteLength });
  expect(events.all[0]).toMatchObject({ type: 'started' });
});

test('uses the worker that comes with the package', async () => {
  const host = await openWorkerTransferHost({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => host.close());
  expect(host.address().port).toBeGreaterThan(0);
});

test.skipIf(process.platform !== 'linux')('lets the other threads of the process go first', async () => {
  const before = threadPriorities();
  await startHost();
  const after = threadPriorities();
  const started = [...after].filter(([thread]) => !before.has(thread));
  expect(started.map(([, priority]) => priority)).toContain(constants.priority.PRIORITY_BELOW_NORMAL);
  expect(after.get(String(process.pid))).toBe(before.get(String(process.pid)));
});

test('rejects an offer that the engine cannot take', async () => {
  const { host } = await startHost();
  const offer = makeOffer(patternBytes(1), { ticket: new Uint8Array(3) as never });
  await expect(host.offer(offer)).rejects.toMatchObject({ code: 'offer-failed' });
});

test('cancels', async () => {
  const { host, events } = await startHost();
  const offer = makeOffer(patternBytes(10));
  await host.offer(offer);
  host.cancel(offer.transferId, { isKept: false });
  await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'cancelled' });
});

test('rejects opening when the port is taken, and says so', async () => {
  const listener = await listen({ host: '127.0.0.1' });
  onTestFinished(() => listener.close());
  await expect(openWorkerTransferHost(listener.address())).rejects.toMatchObject({
    code: 'open-failed',
    systemCode: 'EADDRINUSE',
  });
});

describe('a worker that dies', () => {
  test('fails its transfers once each, and another takes its port', async () => {
    const { host, workers, events } = await startHost();
    const { port } = host.address();
    const waiting = makeOffer(patternBytes(10));
    const running = makeOffer(patternBytes(10_000_000));
    await host.offer(waiting);
    await host.offer(running);
    await once(present(host, running), 'data');
    await workers[0]?.terminate();
    await expect(events.of(waiting, 'failed')).resolves.toMatchObject({ reason: 'internal-error' });
    await expect(events.of(running, 'failed')).resolves.toMatchObject({ reason: 'internal-error' });

    const bytes = patternBytes(1_000);
    const offer = makeOffer(bytes);
    await host.offer(offer);
    expect(host.address().port).toBe(port);
    const connection = present(host, offer);
    expect((await readAll(connection)).equals(bytes)).toBe(true);
    connection.end();
    await events.of(offer, 'completed');
    expect(workers).toHaveLength(2);
    expect(events.all.filter(({ type }) => type === 'failed')).toHaveLength(2);
  });

  test('rejects the offers that it had not answered', async () => {
    const host = await openWorkerTransferHost({
      host: '127.0.0.1',
      port: 0,
      startWorker: () =>
        new Worker(
          `const { parentPort } = require('node:worker_threads');
          parentPort.postMessage({ type: 'opened', host: '127.0.0.1', port: 9 });
          parentPort.on('message', () => { throw new Error('out of luck'); });`,
          { eval: true },
        ),
    });
    onTestFinished(() => host.close());
    await expect(host.offer(makeOffer(patternBytes(10)))).rejects.toMatchObject({
      code: 'worker-died',
      message: expect.stringContaining('out of luck'),
    });
  });
});

describe('closing', () => {
  test('fails what is open, and takes no more', async () => {
    const { host, events } = await startHost();
    const offer = makeOffer(patternBytes(10));
    await host.offer(offer);
    await Promise.all([host.close(), host.close()]);
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'host-closed' });
    await expect(host.offer(makeOffer(patternBytes(10)))).rejects.toMatchObject({ code: 'host-closed' });
    expect(events.all).toHaveLength(1);
  });

  test('frees the port', async () => {
    const { host } = await startHost();
    const address = host.address();
    await host.close();
    const listener = await listen(address);
    await listener.close();
  });
});
