// How a server stops while files are on their way: the domain in virtual time, and the server around it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sha256 } from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionId } from '../../src/domain/events.ts';
import { returnAfterMs } from '../../src/domain/sessions/drain.ts';
import { createParleyServer } from '../../src/index.ts';
import { FakeTransferHost } from '../support/fake-transfer-host.ts';
import { SocketClient } from '../support/socket-client.ts';
import { VirtualServer } from '../support/virtual-server.ts';

// CHAT-DRAIN-3
test('the times to come back are spread evenly, and never before the first', () => {
  const back = { reconnectAfterMs: 5_000, reconnectSpreadMs: 10_000 };
  const times = Array.from(
    { length: 1_000 },
    (_, index) => returnAfterMs((index + 1) as ConnectionId, back) ?? 0,
  );
  expect(Math.min(...times)).toBeGreaterThanOrEqual(5_000);
  expect(Math.max(...times)).toBeLessThan(15_000);
  const perSecond = Array.from({ length: 10 }, (_, second) => {
    const from = 5_000 + second * 1_000;
    return times.filter((time) => time >= from && time < from + 1_000).length;
  });
  expect(Math.min(...perSecond)).toBeGreaterThanOrEqual(98);
  expect(
    returnAfterMs(1 as ConnectionId, { reconnectAfterMs: undefined, reconnectSpreadMs: 9 }),
  ).toBeUndefined();
});

describe('a server that drains', () => {
  const drain = {
    type: 'drain',
    message: 'an update',
    endsWithinMs: 30_000,
    reconnectAfterMs: 5_000,
    reconnectSpreadMs: 5_000,
  } as const;

  // CHAT-DRAIN-1
  test('tells everybody who has said hello, and chat goes on', () => {
    const server = new VirtualServer();
    const [ann, bob, stranger] = [server.user('ann'), server.user('bob'), server.connect()];
    const observer = server.observer();
    for (const client of [ann, bob]) client.take();
    server.handle(drain);
    const [told] = ann.take();
    expect(told).toMatchObject({ type: 'server-draining', endsWithinMs: 30_000, message: 'an update' });
    const after = told?.type === 'server-draining' ? told.returnAfterMs : 0;
    expect(after >= 5_000 && after < 10_000).toBe(true);
    expect(bob.take()).not.toEqual([told]);
    expect(stranger.take()).toEqual([]);
    expect(observer.take()).toMatchObject([{ type: 'server-draining', endsWithinMs: 30_000 }]);
    server.now += 1_000;
    stranger.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
    expect(stranger.take()).toMatchObject([
      { type: 'hello-ok' },
      { type: 'server-draining', endsWithinMs: 29_000, message: 'an update' },
    ]);
    bob.say('still here');
    expect(ann.take()).toMatchObject([{ type: 'message', text: 'still here' }]);
    server.handle({ ...drain, type: 'stop' });
    expect(ann.take()).toMatchObject([{ type: 'goodbye', code: 'server-stopping', reconnectAfterMs: after }]);
  });

  // CHAT-DRAIN-2
  test('begins nothing new, and says when to try again', () => {
    const server = new VirtualServer({ uploads: 'all' });
    const ann = server.user('ann');
    server.handle(drain);
    ann.take();
    const folder = { size: 2, largest: 1, files: 2, entries: 2, manifestBytes: 99 };
    const [root, parts] = [new Uint8Array(32), { ranges: undefined }];
    const requests = [
      { type: 'request-transfer', name: 'a', chunkRoot: undefined, version: undefined, ...parts },
      { type: 'request-folder', name: 'a', known: undefined, begun: undefined, ...parts },
      { type: 'request-upload', name: 'a', size: 1, chunkRoot: root as Sha256, room: undefined },
      { type: 'request-folder-upload', name: 'a', manifestRoot: root as Sha256, room: undefined, ...folder },
    ] as const;
    for (const request of requests) {
      ann.send({ ...request, requestId: 9 });
      expect(ann.take()).toMatchObject([
        {
          type: 'failed',
          requestId: 9,
          code: 'server-draining',
          message: 'an update',
          retryAfterMs: expect.any(Number),
        },
      ]);
    }
    const late = server.connect();
    expect(late.take()).toMatchObject([
      {
        type: 'goodbye',
        code: 'server-stopping',
        message: 'an update',
        reconnectAfterMs: expect.any(Number),
      },
    ]);
  });
});

describe('a stop', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-drain-'));
    await writeFile(join(folder, 'film'), 'film');
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function withTransfer() {
    const transferHost = new FakeTransferHost();
    const server = createParleyServer({ host: '127.0.0.1', port: 0, files: { folder, transferHost } });
    const { port } = await server.start();
    const ann = await SocketClient.user(port, 'ann');
    ann.requestTransfer('film');
    const { transferId } = await ann.next('transfer-offer');
    return { server, transferHost, ann, transferId };
  }

  // CHAT-DRAIN-2
  test('waits for the transfers that run, and then no longer', async () => {
    const { server, transferHost, ann, transferId } = await withTransfer();
    const stopped = server.stop({ drainMaxMs: 3_600_000, reconnectAfterMs: 1_000 });
    expect(await ann.next('server-draining')).toMatchObject({
      endsWithinMs: 3_600_000,
      returnAfterMs: 1_000,
    });
    transferHost.complete(transferId);
    expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'completed' });
    expect(await ann.next('goodbye')).toMatchObject({ code: 'server-stopping', reconnectAfterMs: 1_000 });
    await stopped;
    expect(server.statistics()).toMatchObject({ connections: 0, transfers: 0 });
  });

  test('ends the transfers that take longer than it waits', async () => {
    const { server, ann } = await withTransfer();
    const stopped = server.stop({ drainMaxMs: 10, reconnectAfterMs: 1_000 });
    await ann.next('server-draining');
    expect(await ann.next('goodbye')).toMatchObject({ code: 'server-stopping' });
    await stopped;
    expect(server.statistics()).toMatchObject({ connections: 0, transfers: 0 });
  });

  test('waits for nothing when there is nothing to wait for', async () => {
    const server = createParleyServer({ host: '127.0.0.1', port: 0 });
    const { port } = await server.start();
    const ann = await SocketClient.user(port, 'ann');
    const stopped = server.stop({ drainMaxMs: 3_600_000 });
    await ann.next('goodbye');
    await stopped;
    expect(ann.received.map(({ type }) => type)).not.toContain('server-draining');
  });
});
