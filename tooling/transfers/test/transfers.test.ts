import { readFileSync, truncateSync } from 'node:fs';
import {
  TransferEngine as ClientTransferEngine,
  createWorkerTransferHost,
  type TransferProgress,
} from '@parley/client-core';
import { CHUNK_BYTES_MIN } from '@parley/protocol';
import { openTransferEngine, openWorkerTransferHost, type TransferEngine } from '@parley/server-core';
import { describe, expect, test } from 'vitest';
import { closedWithTest, endOf, fetchErrand, makeErrand, namesIn } from './support.ts';

const ADDRESS = { host: '127.0.0.1', port: 0 };
const WINDOW_BYTES = 262_144;
/** Small windows, so that a pause or a cut takes hold in mid-file. */
const NARROW = { receiveWindowBytesInitial: WINDOW_BYTES, receiveWindowBytesMax: WINDOW_BYTES };

async function openEngines(config = {}): Promise<{ server: TransferEngine; client: ClientTransferEngine }> {
  const server = closedWithTest(
    await openTransferEngine({ ...ADDRESS, config: { sendBufferBytesMax: WINDOW_BYTES } }),
  );
  return { server, client: closedWithTest(new ClientTransferEngine({ config })) };
}

async function idle(server: TransferEngine): Promise<void> {
  while (Object.values(server.counters).some((count) => count > 0)) await new Promise(setImmediate);
}

describe('a file goes from the server engine to the client engine', () => {
  const chunk = CHUNK_BYTES_MIN;
  test.each([0, 1, chunk - 1, chunk, chunk + 1, 20_000_000])('whole, when it has %i bytes', async (size) => {
    const { server, client } = await openEngines();
    const errand = await makeErrand(server, { size });
    const end = endOf(server, errand);
    await expect(fetchErrand(client, errand).download.outcome).resolves.toMatchObject({
      kind: 'completed',
      size,
    });
    await expect(end).resolves.toMatchObject({ type: 'completed', bytesSent: size });
    expect(readFileSync(errand.targetPath).equals(errand.bytes)).toBe(true);
    expect(namesIn(errand.folder)).toEqual(['shared.bin']);
    await idle(server);
  });

  test('whole, when both run in workers', async () => {
    const server = closedWithTest(await openWorkerTransferHost(ADDRESS));
    const client = closedWithTest(createWorkerTransferHost());
    const errand = await makeErrand(server, { size: 20_000_000 });
    const end = endOf(server, errand);
    const progress: TransferProgress[] = [];
    const { download } = fetchErrand(client, errand, (report) => progress.push(report));
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
    await expect(end).resolves.toMatchObject({ type: 'completed' });
    expect(readFileSync(errand.targetPath).equals(errand.bytes)).toBe(true);
    expect(progress.at(-1)).toMatchObject({ phase: 'verifying', receivedBytes: 20_000_000 });
  });
});

// CHAT-RESUME-1
describe('a ticket', () => {
  test('that was used is refused, and another one is wanted', async () => {
    const { server, client } = await openEngines();
    const errand = await makeErrand(server, { size: 1_000 });
    await fetchErrand(client, errand).download.outcome;
    const again = fetchErrand(client, { ...errand, targetPath: `${errand.targetPath}.2` });
    await expect(again.download.outcome).resolves.toEqual({ kind: 'stopped' });
    expect(again.wanted[1]?.trouble?.code).toBe('ticket-refused');
    expect(namesIn(errand.folder)).toEqual(['shared.bin']);
  });

  test('that has expired is refused, and another one is wanted', async () => {
    const { server, client } = await openEngines();
    const errand = await makeErrand(server, { size: 1_000, ticketLifetimeMs: 10 });
    await expect(endOf(server, errand)).resolves.toMatchObject({ type: 'failed', reason: 'ticket-expired' });
    const { download, wanted } = fetchErrand(client, errand);
    await download.outcome;
    expect(wanted[1]?.trouble?.code).toBe('ticket-refused');
    expect(namesIn(errand.folder)).toEqual([]);
  });

  test('that is wrong is refused, and the right one still works', async () => {
    const { server, client } = await openEngines();
    const errand = await makeErrand(server, { size: 1_000 });
    const wrong = { ...errand, clientOffer: { ...errand.clientOffer, ticket: new Uint8Array(32) } };
    await expect(fetchErrand(client, wrong).download.outcome).resolves.toEqual({ kind: 'stopped' });
    await expect(fetchErrand(client, errand).download.outcome).resolves.toMatchObject({ kind: 'completed' });
  });
});

describe('in mid-transfer', () => {
  const size = 20_000_000;
  /** Paused before anything was granted beyond the first window: what happens now happens in the middle. */
  const isHeld = ({ phase, receivedBytes }: TransferProgress) => phase === 'paused' && receivedBytes > 0;

  test('a pause holds the file back, and it arrives whole after resuming', async () => {
    const { server, client } = await openEngines(NARROW);
    const errand = await makeErrand(server, { size });
    let pausedAt = 0;
    const { download } = fetchErrand(client, errand, (progress) => {
      if (!isHeld(progress) || progress.bytesPerSecond > 0) return;
      // Nothing has come for two seconds: only what was granted before is here.
      pausedAt = progress.receivedBytes;
      expect(pausedAt).toBeLessThanOrEqual(2 * WINDOW_BYTES);
      download.resume();
    });
    download.pause();
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
    expect(pausedAt).toBeGreaterThan(0);
    expect(readFileSync(errand.targetPath).equals(errand.bytes)).toBe(true);
  });

  test('the client cancels: the server frees everything, the client keeps nothing', async () => {
    const { server, client } = await openEngines(NARROW);
    const errand = await makeErrand(server, { size });
    const end = endOf(server, errand);
    const { download } = fetchErrand(client, errand, (progress) => {
      if (isHeld(progress)) download.cancel();
    });
    download.pause();
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    await expect(end).resolves.toMatchObject({ type: 'failed', reason: 'cancelled-by-receiver' });
    expect(namesIn(errand.folder)).toEqual([]);
    await idle(server);
  });

  test('the server cancels: the client hears of it and keeps what it has', async () => {
    const { server, client } = await openEngines(NARROW);
    const errand = await makeErrand(server, { size });
    const { download, wanted } = fetchErrand(client, errand, (progress) => {
      if (isHeld(progress)) server.cancel(errand.offer.transferId, { isKept: false });
    });
    download.pause();
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
    expect(wanted[1]?.trouble?.code).toBe('server-cancelled');
    expect(namesIn(errand.folder)).not.toContain('shared.bin');
    await idle(server);
  });

  test("the server's file is cut: the client says that it changed and keeps what it has", async () => {
    const { server, client } = await openEngines(NARROW);
    const errand = await makeErrand(server, { size });
    const end = endOf(server, errand);
    const { download, wanted } = fetchErrand(client, errand, (progress) => {
      if (!isHeld(progress)) return;
      truncateSync(errand.offer.path, 1_000_000);
      download.resume();
    });
    download.pause();
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
    expect(wanted[1]?.trouble?.code).toBe('source-changed');
    await expect(end).resolves.toMatchObject({ type: 'failed', reason: 'file-changed' });
    expect(namesIn(errand.folder)).not.toContain('shared.bin');
    await idle(server);
  });

  test('the server stops: the client hears of it and keeps what it has', async () => {
    const { server, client } = await openEngines(NARROW);
    const errand = await makeErrand(server, { size });
    let closing: Promise<void> | undefined;
    const { download, wanted } = fetchErrand(client, errand, (progress) => {
      if (isHeld(progress)) closing ??= server.close();
    });
    download.pause();
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
    expect(wanted[1]?.trouble?.code).toBe('server-cancelled');
    await closing;
    expect(namesIn(errand.folder)).not.toContain('shared.bin');
  });
});

// CHAT-TCP-2, CHAT-TCP-6
describe('over TLS', () => {
  test('the same transfer runs, can pause, and is verified', async () => {
    const { server } = await openEngines();
    const client = closedWithTest(new ClientTransferEngine({ transfers: 'tcp' }));
    const errand = await makeErrand(server, { size: 20_000_000 });
    const end = endOf(server, errand);
    const phases = new Set<string>();
    const { download } = fetchErrand(client, errand, ({ phase, route }) => {
      if (phase === 'receiving') expect(route).toBe('tls');
      if (phase === 'receiving' && !phases.has('paused')) download.pause();
      if (phase === 'paused' && !phases.has('paused')) download.resume();
      phases.add(phase);
    });
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed', size: 20_000_000 });
    await expect(end).resolves.toMatchObject({ type: 'completed', bytesSent: 20_000_000 });
    expect(readFileSync(errand.targetPath).equals(errand.bytes)).toBe(true);
    expect(phases).toContain('paused');
    await idle(server);
  });

  test('it runs where nothing answers by UDP, and the user can be told', async () => {
    const { server, client } = await openEngines();
    const errand = await makeErrand(server, { size: 1_000_000 });
    // A port of UDP where nobody is: the system says so at once.
    const clientOffer = { ...errand.clientOffer, udpPort: 1 };
    const routes = new Set<string | undefined>();
    const { download } = fetchErrand(client, { ...errand, clientOffer }, ({ route }) => routes.add(route));
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
    expect(readFileSync(errand.targetPath).equals(errand.bytes)).toBe(true);
    expect([...routes]).toEqual([undefined, 'fallback']);
  });

  test('a transfer that breaks goes on where it was', async () => {
    const { server } = await openEngines();
    const client = closedWithTest(
      new ClientTransferEngine({ transfers: 'tcp', bytesPerSecondMax: 20_000_000 }),
    );
    const errand = await makeErrand(server, { size: 20_000_000 });
    let hasBroken = false;
    const { download, wanted } = fetchErrand(client, errand, ({ receivedBytes }) => {
      if (receivedBytes === 0 || hasBroken) return;
      hasBroken = true;
      download.interrupt();
    });
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
    expect(wanted[1]?.receivedBytes).toBeGreaterThan(0);
    expect(wanted[1]?.trouble?.code).toBe('connection-lost');
  });
});
