import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { chunkCountOf, TRANSFER_OUTCOMES, type TransferOutcome } from '@parley/protocol';
import type { RudpConnection } from '@parley/rudp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import type { TransferProgress } from '../../src/transfers/running-transfer.ts';
import {
  chunkRootOf,
  fetchWith,
  fileSystemWith,
  makeFolder,
  namesIn,
  offerOf,
  patternBytes,
  sha256,
  startSender,
  streamOf,
  systemError,
} from './support.ts';

function makeEngine(options: ConstructorParameters<typeof TransferEngine>[0] = {}): TransferEngine {
  const engine = new TransferEngine(options);
  onTestFinished(() => engine.close());
  return engine;
}

describe('a download', () => {
  test.each([0, 1, 262_143, 262_144, 262_145, 3_000_000])(
    'of %i bytes is verified and gets its name',
    async (size) => {
      const bytes = patternBytes(size);
      const folder = makeFolder();
      const sender = await startSender((connection) => connection.end(streamOf(bytes)));
      const targetPath = join(folder, 'file');
      const progress: TransferProgress[] = [];
      const engine = makeEngine();
      const { download } = fetchWith(engine, targetPath, [offerOf(bytes, sender)], (report) =>
        progress.push(report),
      );
      await expect(download.outcome).resolves.toMatchObject({ kind: 'completed', path: targetPath, size });
      expect(readFileSync(targetPath).equals(bytes)).toBe(true);
      expect(namesIn(folder)).toEqual(['file']);
      expect(progress.at(-1)).toMatchObject({ phase: 'verifying', receivedBytes: size, size });
      expect(engine.downloadCount).toBe(0);
    },
  );

  test('closes its connection in order', async () => {
    const bytes = patternBytes(10_000);
    let served: RudpConnection | undefined;
    const sender = await startSender((connection) => {
      served = connection;
      connection.end(streamOf(bytes));
    });
    const targetPath = join(makeFolder(), 'file');
    await fetchWith(makeEngine(), targetPath, [offerOf(bytes, sender)]).download.outcome;
    if (served !== undefined && !served.closed) await once(served, 'close');
    expect(served?.endReason).toEqual({ kind: 'finished' });
  });

  test('runs beside others', async () => {
    const folder = makeFolder();
    const engine = makeEngine();
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(async (index) => {
        const bytes = patternBytes(index * 100_000);
        const sender = await startSender((connection) => connection.end(streamOf(bytes)));
        return fetchWith(engine, join(folder, `${index}`), [offerOf(bytes, sender)]).download.outcome;
      }),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['completed', 'completed', 'completed', 'completed']);
    expect(namesIn(folder)).toEqual(['1', '2', '3', '4']);
  });
});

describe('a download that fails gives no file', () => {
  const bytes = patternBytes(50_000);

  /** What is kept for another time. */
  const KEPT = ['part', 'part-journal'];
  const kindsIn = (folder: string) => namesIn(folder).map((name) => name.replace(/^.*\.part/, 'part'));

  // CHAT-TRANSFER-11
  test('when the whole is not the announced one although every chunk is; nothing is kept', async () => {
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const digests = { chunkRoot: chunkRootOf(bytes), sha256: new Uint8Array(32) };
    const offer = { ...offerOf(bytes, sender), digests };
    const { download } = fetchWith(makeEngine(), join(folder, 'file'), [offer]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'hash-mismatch' });
    expect(namesIn(folder)).toEqual([]);
  });

  // CHAT-CHUNK-4
  test('when the list of chunks is not the announced one', async () => {
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const digests = { sha256: sha256(bytes), chunkRoot: new Uint8Array(32) };
    const offer = { ...offerOf(bytes, sender), digests };
    const { download } = fetchWith(makeEngine(), join(folder, 'file'), [offer]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'hash-mismatch' });
    expect(namesIn(folder)).toEqual([]);
  });

  // CHAT-TRANSFER-11
  test.each([
    ['fewer', -1],
    ['more', 1],
  ])('when %s bytes come than announced', async (_name, difference) => {
    const folder = makeFolder();
    const sent = Buffer.concat([streamOf(bytes), Buffer.from('x')]).subarray(0, 32 + 50_000 + difference);
    const sender = await startSender((connection) => connection.end(sent));
    const { download } = fetchWith(makeEngine(), join(folder, 'file'), [offerOf(bytes, sender)]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'size-mismatch' });
    expect(namesIn(folder)).not.toContain('file');
  });

  test('when the target exists, and it is not touched; no offer is asked for', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'file'), 'mine');
    symlinkSync('/nowhere', join(folder, 'link'));
    for (const name of ['file', 'link']) {
      const { download, wanted } = fetchWith(makeEngine(), join(folder, name), []);
      await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'target-exists' });
      expect(wanted).toEqual([]);
    }
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
    expect(namesIn(folder)).toEqual(['file', 'link']);
  });

  test('when something takes the name while it runs; what arrived is kept', async () => {
    const folder = makeFolder();
    const targetPath = join(folder, 'file');
    const sender = await startSender((connection) => {
      writeFileSync(targetPath, 'mine');
      connection.end(streamOf(bytes));
    });
    const { download } = fetchWith(makeEngine(), targetPath, [offerOf(bytes, sender)]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'target-exists' });
    expect(readFileSync(targetPath, 'utf8')).toBe('mine');
    expect(kindsIn(folder)).toEqual([...KEPT, 'file']);
  });

  test.each([
    ['ENOSPC', 'disk-full'],
    ['EIO', 'disk-error'],
  ])('when the disk says %s, and the server hears of it', async (systemCode, code) => {
    const folder = makeFolder();
    const large = patternBytes(2_000_000);
    let serverError: Promise<unknown[]> | undefined;
    const sender = await startSender((connection) => {
      serverError = once(connection, 'error');
      connection.write(streamOf(large));
    });
    const fileSystem = fileSystemWith({
      writeSync: ((...parameters: Parameters<typeof writeSync>) => {
        if (Number(parameters[3]) > 40_000) throw systemError(systemCode);
        return writeSync(...parameters);
      }) as typeof writeSync,
    });
    const { download } = fetchWith(makeEngine({ fileSystem }), join(folder, 'file'), [
      offerOf(large, sender),
    ]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code });
    expect(namesIn(folder)).not.toContain('file');
    await expect(serverError).resolves.toMatchObject([{ code: 'reset' }]);
  });

  test('when syncing fails', async () => {
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const fileSystem = fileSystemWith({
      fsync: ((_descriptor: number, callback: (error: Error | null) => void) =>
        callback(systemError('EIO'))) as never,
    });
    const { download } = fetchWith(makeEngine({ fileSystem }), join(folder, 'file'), [
      offerOf(bytes, sender),
    ]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'disk-error' });
    expect(namesIn(folder)).not.toContain('file');
  });

  test('that wants another offer says why, and keeps what it has when there is none', async () => {
    const folder = makeFolder();
    const sender = await startSender((connection) => {
      connection.write(streamOf(bytes).subarray(0, 1000), () =>
        connection.reset(0x100 + TRANSFER_OUTCOMES['server-stopping'], 'bye'),
      );
    });
    const { download, wanted } = fetchWith(makeEngine(), join(folder, 'file'), [offerOf(bytes, sender)]);
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
    expect(wanted).toHaveLength(2);
    expect(wanted[1]?.trouble?.code).toBe('server-cancelled');
  });
});

// CHAT-RESUME-1
describe('another offer is wanted', () => {
  const bytes = patternBytes(50_000);

  test('when the ticket is refused', async () => {
    const folder = makeFolder();
    const { udpPort } = await startSender(() => expect.unreachable('nobody may get in'));
    const offer = offerOf(bytes, { udpPort, ticket: new Uint8Array(32) });
    const { download, wanted } = fetchWith(makeEngine(), join(folder, 'file'), [offer]);
    await download.outcome;
    expect(wanted[1]).toMatchObject({ ranges: undefined, trouble: { code: 'ticket-refused' } });
    expect(namesIn(folder)).toEqual([]);
  });

  test('when nobody answers', async () => {
    const folder = makeFolder();
    const socket = createSocket('udp4');
    onTestFinished(() => {
      socket.close();
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const offer = offerOf(bytes, { udpPort: socket.address().port, ticket: new Uint8Array(32) });
    const engine = makeEngine({ config: { handshakeTimeoutMs: 50, initialRttMs: 10 } });
    const { download, wanted } = fetchWith(engine, join(folder, 'file'), [offer]);
    await download.outcome;
    expect(wanted[1]).toMatchObject({ arrivedBytes: 0, trouble: { code: 'server-unreachable' } });
    expect(namesIn(folder)).toEqual([]);
  });

  test('when the server falls silent, for what has not arrived', async () => {
    const folder = makeFolder();
    // A sender with no more to say and without keep-alive is silence to a receiver that asks nothing.
    const sender = await startSender((connection) => connection.write(streamOf(bytes).subarray(0, 1032)));
    const engine = makeEngine({ config: { idleTimeoutMs: 1_000, keepAliveMs: 0 } });
    const { download, wanted } = fetchWith(engine, join(folder, 'file'), [offerOf(bytes, sender)]);
    await download.outcome;
    expect(wanted[1]).toMatchObject({
      chunkRoot: chunkRootOf(bytes),
      ranges: [{ start: 1000, end: 50_000 }],
      receivedBytes: 1000,
      arrivedBytes: 1032,
      trouble: { code: 'connection-lost' },
    });
  });

  // CHAT-TRANSFER-9
  test.each<[TransferOutcome, string]>([
    ['file-changed', 'source-changed'],
    ['ticket-expired', 'ticket-refused'],
    ['cancelled', 'server-cancelled'],
    ['server-stopping', 'server-cancelled'],
    ['internal-error', 'server-cancelled'],
  ])('when the server resets with %s', async (outcome, code) => {
    const sender = await startSender((connection) => {
      connection.write(streamOf(bytes).subarray(0, 1000));
      connection.reset(0x100 + TRANSFER_OUTCOMES[outcome], 'words of the server');
    });
    const { download, wanted } = fetchWith(makeEngine(), join(makeFolder(), 'file'), [
      offerOf(bytes, sender),
    ]);
    await download.outcome;
    expect(wanted[1]?.trouble?.code).toBe(code);
  });

  test('but not when the server cannot read the file', async () => {
    const sender = await startSender((connection) =>
      connection.reset(0x100 + TRANSFER_OUTCOMES['file-unreadable'], ''),
    );
    const { download } = fetchWith(makeEngine(), join(makeFolder(), 'file'), [offerOf(bytes, sender)]);
    await expect(download.outcome).resolves.toMatchObject({ kind: 'failed', code: 'source-unreadable' });
  });
});

describe('cancelling', () => {
  test('in mid-transfer removes what was written, and the server hears of it', async () => {
    const folder = makeFolder();
    const bytes = patternBytes(100_000);
    let serverError: Promise<unknown[]> | undefined;
    const sender = await startSender((connection) => {
      serverError = once(connection, 'error');
      connection.write(streamOf(bytes).subarray(0, 50_032));
    });
    const { download } = fetchWith(
      makeEngine(),
      join(folder, 'file'),
      [offerOf(bytes, sender)],
      ({ receivedBytes }) => {
        if (receivedBytes === 50_000) download.cancel();
      },
    );
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    expect(namesIn(folder)).toEqual([]);
    // CHAT-TRANSFER-9
    await expect(serverError).resolves.toMatchObject([{ code: 'reset', resetCode: 0x102 }]);
  });

  test('before anything happened makes no file', async () => {
    const folder = makeFolder();
    const { download } = fetchWith(makeEngine(), join(folder, 'file'), []);
    download.cancel();
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    expect(namesIn(folder)).toEqual([]);
  });

  test('while verifying removes the file', async () => {
    const folder = makeFolder();
    const bytes = patternBytes(1_000_000);
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const { download } = fetchWith(
      makeEngine(),
      join(folder, 'file'),
      [offerOf(bytes, sender)],
      ({ phase }) => {
        if (phase === 'verifying') download.cancel();
      },
    );
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    expect(namesIn(folder)).toEqual([]);
  });

  test('after the end does nothing', async () => {
    const bytes = patternBytes(10);
    const targetPath = join(makeFolder(), 'file');
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const { download } = fetchWith(makeEngine(), targetPath, [offerOf(bytes, sender)]);
    await download.outcome;
    download.cancel();
    download.pause();
    download.resume();
    expect(readFileSync(targetPath).equals(bytes)).toBe(true);
  });

  test('differs from closing the engine, which keeps what arrived and then takes nothing more', async () => {
    const folder = makeFolder();
    const engine = new TransferEngine();
    const { download } = fetchWith(engine, join(folder, 'file'), []);
    await engine.close();
    await expect(download.outcome).resolves.toEqual({ kind: 'stopped' });
    await expect(fetchWith(engine, join(folder, 'file'), []).download.outcome).resolves.toMatchObject({
      kind: 'failed',
      code: 'host-failed',
    });
    expect(namesIn(folder)).toEqual([]);
  });
});

describe('pausing', () => {
  test('stops the flow until the download is resumed', async () => {
    const bytes = patternBytes(2_000_000);
    const targetPath = join(makeFolder(), 'file');
    const sender = await startSender((connection) => connection.end(streamOf(bytes)));
    const windowBytes = 65_536;
    const engine = makeEngine({
      config: { receiveWindowBytesInitial: windowBytes, receiveWindowBytesMax: windowBytes },
    });
    const progress: TransferProgress[] = [];
    const { download } = fetchWith(engine, targetPath, [offerOf(bytes, sender)], (report) => {
      progress.push(report);
      // The rate falls to 0 when nothing has arrived for the meter's two seconds: the flow has stopped.
      if (report.phase === 'paused' && report.receivedBytes > 0 && report.bytesPerSecond === 0)
        download.resume();
    });
    download.pause();
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
    const paused = progress.filter(({ phase }) => phase === 'paused');
    expect(paused.at(-1)?.receivedBytes).toBe(windowBytes - 32 * chunkCountOf(bytes.byteLength));
    expect(readFileSync(targetPath).equals(bytes)).toBe(true);
  });
});

test('tells its progress at most ten times a second, and every phase', async () => {
  const bytes = patternBytes(200_000);
  let send: (() => void) | undefined;
  const sender = await startSender((connection) => {
    connection.write(streamOf(bytes).subarray(0, 100_000));
    send = () => connection.end(streamOf(bytes).subarray(100_000));
  });
  const progress: TransferProgress[] = [];
  const startedAt = performance.now();
  const { download } = fetchWith(
    makeEngine(),
    join(makeFolder(), 'file'),
    [offerOf(bytes, sender)],
    (report) => {
      progress.push(report);
      if (report.receivedBytes > 0) send?.();
    },
  );
  await download.outcome;
  const elapsedMs = performance.now() - startedAt;
  const phases = new Set(progress.map(({ phase }) => phase));
  expect([...phases]).toEqual(expect.arrayContaining(['receiving', 'verifying']));
  // One for each change of phase beside those of the timer.
  expect(progress.length).toBeLessThanOrEqual(Math.ceil(elapsedMs / 100) + phases.size);
});
