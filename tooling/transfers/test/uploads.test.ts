// Uploads between the two cores: what broke goes on, and only what is missing is sent again.
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  TransferEngine as ClientTransferEngine,
  type TransferProgress,
  type Upload,
  type WantedUpload,
} from '@parley/client-core';
import { CHUNK_BYTES_MIN, type Sha256, type Ticket, type TransferId } from '@parley/protocol';
import { openTransferEngine, type TransferEngine, type TransferHostEvent } from '@parley/server-core';
import { expect, onTestFinished, test } from 'vitest';

const SIZE = 60_000_000;
const NARROW = { receiveWindowBytesMax: 65_536, receiveWindowBytesInitial: 65_536 };

/** A file, a shared folder, and both engines. */
async function setUp(size = SIZE) {
  const root = mkdtempSync(join(tmpdir(), 'parley-uploads-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = mkdtempSync(join(root, 'shared-'));
  const sourcePath = join(root, 'source.bin');
  const bytes = randomBytes(size);
  writeFileSync(sourcePath, bytes);
  const openServer = async () => {
    const server = await openTransferEngine({ host: '127.0.0.1', port: 0, config: NARROW });
    onTestFinished(() => server.close());
    return server;
  };
  return { folder, sourcePath, bytes, openServer };
}

let lastTransferId = 0;

/** What the control connection would do: has the server expect what is wanted. Gives the offer. */
async function expectAt(server: TransferEngine, folder: string, { size, chunkRoot }: WantedUpload) {
  lastTransferId += 1;
  const ticket = new Uint8Array(randomBytes(32));
  const { start } = await server.expect({
    transferId: lastTransferId as TransferId,
    ticket: ticket as Ticket,
    ticketLifetimeMs: 30_000,
    user: 'ada',
    path: join(folder, 'source.bin'),
    partPath: join(folder, '.part'),
    size,
    chunkRoot: chunkRoot as Sha256,
  });
  const { port: udpPort } = server.address();
  const tcpPort = server.tlsPort() ?? 1;
  return { transferId: lastTransferId, host: '127.0.0.1', udpPort, tcpPort, ticket, start };
}

/** An upload whose wishes go to the server that `serverFor` gives. */
function put(
  sourcePath: string,
  offerFor: (wanted: WantedUpload) => ReturnType<typeof expectAt>,
  onProgress: (progress: TransferProgress) => void = () => undefined,
): Upload {
  const engine = new ClientTransferEngine();
  onTestFinished(() => engine.close());
  const upload: Upload = engine.upload(
    { sourcePath },
    { onProgress, onWanted: (wanted) => void offerFor(wanted).then((offer) => upload.take(offer)) },
  );
  return upload;
}

const endOf = (server: TransferEngine) =>
  new Promise<TransferHostEvent>((resolve) => {
    server.onEvent((event) => {
      if (event.type === 'completed' || event.type === 'failed') resolve(event);
    });
  });

// CHAT-UPLOAD-5
test('a client that stopped, and another server, go on with what is there', async () => {
  const { folder, sourcePath, bytes, openServer } = await setUp();
  const first = await openServer();
  const end = endOf(first);
  const stopped = put(
    sourcePath,
    (wanted) => expectAt(first, folder, wanted),
    ({ receivedBytes }) => {
      if (receivedBytes > 1_000_000) stopped.stop();
    },
  );
  await expect(stopped.outcome).resolves.toEqual({ kind: 'stopped' });
  await expect(end).resolves.toMatchObject({ type: 'failed', reason: 'connection-lost' });
  expect(readdirSync(folder).sort()).toEqual(['.part', '.part.list']);
  await first.close();
  const second = await openServer();
  const starts: number[] = [];
  const upload = put(sourcePath, async (wanted) => {
    const offer = await expectAt(second, folder, wanted);
    starts.push(offer.start);
    return offer;
  });
  await expect(upload.outcome).resolves.toMatchObject({ kind: 'completed', size: SIZE });
  expect(starts).toHaveLength(1);
  expect(starts[0]).toBeGreaterThan(0);
  expect(readFileSync(join(folder, 'source.bin')).equals(bytes)).toBe(true);
  expect(readdirSync(folder)).toEqual(['source.bin']);
});

// CHAT-UPLOAD-5
test('a client that cancels leaves nothing', async () => {
  const { folder, sourcePath, openServer } = await setUp();
  const server = await openServer();
  const end = endOf(server);
  const upload = put(
    sourcePath,
    (wanted) => expectAt(server, folder, wanted),
    ({ receivedBytes }) => {
      if (receivedBytes > 1_000_000) upload.cancel();
    },
  );
  await expect(upload.outcome).resolves.toEqual({ kind: 'cancelled' });
  await expect(end).resolves.toMatchObject({ type: 'failed', reason: 'cancelled-by-receiver' });
  expect(readdirSync(folder)).toEqual([]);
});

// CHAT-UPLOAD-4
test.each([0, 1, CHUNK_BYTES_MIN - 1, CHUNK_BYTES_MIN, CHUNK_BYTES_MIN + 1])(
  'a file of %i bytes comes whole',
  async (size) => {
    const { folder, sourcePath, bytes, openServer } = await setUp(size);
    const server = await openServer();
    const upload = put(sourcePath, (wanted) => expectAt(server, folder, wanted));
    await expect(upload.outcome).resolves.toMatchObject({ kind: 'completed', size });
    expect(readFileSync(join(folder, 'source.bin')).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['source.bin']);
  },
);

/** Does something once, when a million bytes have moved. */
function once(act: () => void) {
  const midway = {
    hasRun: false,
    onProgress: ({ receivedBytes }: { readonly receivedBytes: number }) => {
      if (midway.hasRun || receivedBytes < 1_000_000) return;
      midway.hasRun = true;
      act();
    },
  };
  return midway;
}

// CHAT-UPLOAD-4
test.each([
  ['grows', (path: string) => appendFileSync(path, 'more')],
  ['shrinks', (path: string) => truncateSync(path, 100)],
])('a file that %s while it is sent does not get its name', async (_, change) => {
  const { folder, sourcePath, openServer } = await setUp();
  const server = await openServer();
  const midway = once(() => change(sourcePath));
  const upload = put(sourcePath, (wanted) => expectAt(server, folder, wanted), midway.onProgress);
  await expect(upload.outcome).resolves.toMatchObject({ kind: 'failed', code: 'source-changed' });
  expect(midway.hasRun).toBe(true);
  expect(readdirSync(folder)).not.toContain('source.bin');
});

// CHAT-UPLOAD-4
test('a file that vanishes while it is sent comes whole: it is open', async () => {
  const { folder, sourcePath, bytes, openServer } = await setUp();
  const server = await openServer();
  const midway = once(() => unlinkSync(sourcePath));
  const upload = put(sourcePath, (wanted) => expectAt(server, folder, wanted), midway.onProgress);
  await expect(upload.outcome).resolves.toMatchObject({ kind: 'completed', size: SIZE });
  expect(midway.hasRun).toBe(true);
  expect(readFileSync(join(folder, 'source.bin')).equals(bytes)).toBe(true);
});

// CHAT-TCP-6, CHAT-UPLOAD-4
test('a file is uploaded over TLS where nobody answers by UDP', async () => {
  const { folder, sourcePath, bytes, openServer } = await setUp();
  const server = await openServer();
  const routes = new Set<string | undefined>();
  const upload = put(
    sourcePath,
    async (wanted) => ({ ...(await expectAt(server, folder, wanted)), udpPort: 1 }),
    ({ route }) => routes.add(route),
  );
  await expect(upload.outcome).resolves.toMatchObject({ kind: 'completed', size: SIZE });
  expect([...routes]).toEqual([undefined, 'fallback']);
  expect(readFileSync(join(folder, 'source.bin')).equals(bytes)).toBe(true);
});
