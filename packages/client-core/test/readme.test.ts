import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runReadmeExample } from '@parley/programs';
import { derivePreSharedKey, listen } from '@parley/rudp';
import { afterEach, expect, test } from 'vitest';
import { chunkRootOf, streamOf } from './downloads/support.ts';
import { FakeServer, POLITE, type Script } from './support/fake-server.ts';
import { nick } from './support/scenario.ts';

const NOTES = Buffer.from('Read me first.\n');
const TICKET = new Uint8Array(32).fill(7);
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server with one file, which it really sends over UDP. */
async function startServer(): Promise<FakeServer> {
  const { key } = derivePreSharedKey(TICKET);
  const listener = await listen({ host: '127.0.0.1', acceptPreSharedKey: () => ({ key }) });
  cleanups.push(() => listener.close());
  listener.on('connection', (connection) => {
    connection.on('error', () => {});
    connection.end(streamOf(NOTES));
    connection.resume();
  });
  const udpPort = listener.address().port;
  const file = { name: 'notes.txt' as never, size: NOTES.length, modifiedAt: 1, sha256: undefined };
  const script: Script = {
    ...POLITE,
    say: ({ requestId, room, text }, peer) => {
      const place = { sequence: 1, time: 5 };
      const from = nick('robot');
      peer.send({ type: 'accepted', requestId, epoch: 1, ...place });
      peer.send({
        type: 'message',
        room: room as never,
        ...place,
        from,
        kind: 'text',
        target: 0,
        text: text as never,
      });
    },
    'list-files': ({ requestId }, peer) => {
      peer.send({ type: 'files', requestId, files: [file], nextCursor: undefined });
    },
    'request-transfer': ({ requestId }, peer) => {
      peer.send({
        type: 'transfer-offer',
        requestId,
        transferId: 1 as never,
        ticket: TICKET as never,
        ticketLifetimeMs: 30_000,
        udpPort,
        ...file,
        digests: {
          sha256: createHash('sha256').update(NOTES).digest() as never,
          chunkRoot: chunkRootOf(NOTES) as never,
        },
      });
    },
  };
  const server = await FakeServer.start(script);
  cleanups.push(() => server.stop());
  return server;
}

test('the example of the README prints what the README says', async () => {
  const server = await startServer();
  const folder = await mkdtemp(join(tmpdir(), 'parley-readme-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const args = ['127.0.0.1', String(server.port), folder];
  const { printed, promised, complaints } = await runReadmeExample(import.meta.url, args);
  expect({ printed, complaints }).toEqual({ printed: promised, complaints: '' });
  expect(await readdir(folder)).toEqual(['notes.txt']);
  expect(await readFile(join(folder, 'notes.txt'))).toEqual(NOTES);
});
