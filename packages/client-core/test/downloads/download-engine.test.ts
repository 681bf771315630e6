import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRANSFER_OUTCOMES, type TransferOutcome } from '@parley/protocol';
import type { RudpConnection } from '@parley/rudp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DownloadEngine } from '../../src/node/download-engine.ts';
import type { DownloadProgress } from '../../src/transfers/download-host.ts';
import {
  fileSystemWith,
  makeFolder,
  namesIn,
  patternBytes,
  requestFor,
  startSender,
  systemError,
} from './support.ts';

function makeEngine(options: ConstructorParameters<typeof DownloadEngine>[0] = {}): DownloadEngine {
  const engine = new DownloadEngine(options);
  onTestFinished(() => engine.close());
  return engine;
}

describe('a download', () => {
  test.each([0, 1, 1_500, 3_000_000])('of %i bytes is verified and gets its name', async (size) => {
    const bytes = patternBytes(size);
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.end(bytes));
    const targetPath = join(folder, 'file');
    const progress: DownloadProgress[] = [];
    const engine = makeEngine();
    const download = engine.download(requestFor(bytes, { ...sender, targetPath }), (report) =>
      progress.push(report),
    );
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed', path: targetPath, size });
    expect(readFileSync(targetPath).equals(bytes)).toBe(true);
    expect(namesIn(folder)).toEqual(['file']);
    expect(progress.at(-1)).toMatchObject({ phase: 'verifying', receivedBytes: size, size });
    expect(engine.downloadCount).toBe(0);
  });

  test('closes its connection in order', async () => {
    const bytes = patternBytes(10_000);
    let served: RudpConnection | undefined;
    const sender = await startSender((connection) => {
      served = connection;
      connection.end(bytes);
    });
    const targetPath = join(makeFolder(), 'file');
    await makeEngine().download(requestFor(bytes, { ...sender, targetPath })).outcome;
    if (served !== undefined && !served.closed) await once(served, 'close');
    expect(served?.endReason).toEqual({ kind: 'finished' });
  });

  test('runs beside others', async () => {
    const folder = makeFolder();
    const engine = makeEngine();
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(async (index) => {
        const bytes = patternBytes(index * 100_000);
        const sender = await startSender((connection) => connection.end(bytes));
        return engine.download(requestFor(bytes, { ...sender, targetPath: join(folder, `${index}`) }))
          .outcome;
      }),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['completed', 'completed', 'completed', 'completed']);
    expect(namesIn(folder)).toEqual(['1', '2', '3', '4']);
  });
});

describe('a download that fails leaves no file', () => {
  const bytes = patternBytes(50_000);

  // CHAT-TRANSFER-11
  test('when the bytes are not the announced ones', async () => {
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.end(bytes));
    const request = requestFor(bytes, { ...sender, targetPath: join(folder, 'file') });
    const outcome = await makeEngine().download({ ...request, sha256: new Uint8Array(32) }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'hash-mismatch' });
    expect(namesIn(folder)).toEqual([]);
  });

  // CHAT-TRANSFER-11
  test.each([
    ['fewer', -1],
    ['more', 1],
  ])('when %s bytes come than announced', async (_name, difference) => {
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.end(bytes));
    const request = requestFor(bytes, { ...sender, targetPath: join(folder, 'file') });
    const outcome = await makeEngine().download({ ...request, size: bytes.byteLength - difference }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'size-mismatch' });
    expect(namesIn(folder)).toEqual([]);
  });

  test('when the target exists, and it is not touched; no ticket is used for it', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'file'), 'mine');
    symlinkSync('/nowhere', join(folder, 'link'));
    const sender = await startSender(() => expect.unreachable('nothing to connect for'));
    for (const name of ['file', 'link']) {
      const outcome = await makeEngine().download(
        requestFor(bytes, { ...sender, targetPath: join(folder, name) }),
      ).outcome;
      expect(outcome).toMatchObject({ kind: 'failed', code: 'target-exists' });
    }
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
    expect(namesIn(folder)).toEqual(['file', 'link']);
  });

  test('when something takes the name while it runs', async () => {
    const folder = makeFolder();
    const targetPath = join(folder, 'file');
    const sender = await startSender((connection) => {
      writeFileSync(targetPath, 'mine');
      connection.end(bytes);
    });
    const outcome = await makeEngine().download(requestFor(bytes, { ...sender, targetPath })).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'target-exists' });
    expect(readFileSync(targetPath, 'utf8')).toBe('mine');
    expect(namesIn(folder)).toEqual(['file']);
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
      connection.write(large);
    });
    const fileSystem = fileSystemWith({
      writeSync: () => {
        throw systemError(systemCode);
      },
    });
    const engine = makeEngine({ fileSystem });
    const outcome = await engine.download(requestFor(large, { ...sender, targetPath: join(folder, 'file') }))
      .outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code });
    expect(namesIn(folder)).toEqual([]);
    await expect(serverError).resolves.toMatchObject([{ code: 'reset' }]);
  });

  test('when syncing fails', async () => {
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.end(bytes));
    const fileSystem = fileSystemWith({
      fsync: ((_descriptor: number, callback: (error: Error | null) => void) =>
        callback(systemError('EIO'))) as never,
    });
    const engine = makeEngine({ fileSystem });
    const outcome = await engine.download(requestFor(bytes, { ...sender, targetPath: join(folder, 'file') }))
      .outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'disk-error' });
    expect(namesIn(folder)).toEqual([]);
  });

  test('when the ticket is refused', async () => {
    const folder = makeFolder();
    const { udpPort } = await startSender(() => expect.unreachable('nobody may get in'));
    const place = { udpPort, ticket: new Uint8Array(32), targetPath: join(folder, 'file') };
    const outcome = await makeEngine().download(requestFor(bytes, place)).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'ticket-refused' });
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
    const place = {
      udpPort: socket.address().port,
      ticket: new Uint8Array(32),
      targetPath: join(folder, 'file'),
    };
    const engine = makeEngine({ config: { handshakeTimeoutMs: 50, initialRttMs: 10 } });
    const outcome = await engine.download(requestFor(bytes, place)).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'server-unreachable' });
    expect(namesIn(folder)).toEqual([]);
  });

  test('when the server falls silent', async () => {
    const folder = makeFolder();
    // A sender with no more to say and without keep-alive is silence to a receiver that asks nothing.
    const sender = await startSender((connection) => connection.write(bytes.subarray(0, 1000)));
    const engine = makeEngine({ config: { idleTimeoutMs: 50, keepAliveMs: 0 } });
    const outcome = await engine.download(requestFor(bytes, { ...sender, targetPath: join(folder, 'file') }))
      .outcome;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'connection-lost' });
    expect(namesIn(folder)).toEqual([]);
  });

  // CHAT-TRANSFER-9
  test.each<[TransferOutcome, string]>([
    ['file-changed', 'source-changed'],
    ['file-unreadable', 'source-unreadable'],
    ['ticket-expired', 'ticket-refused'],
    ['cancelled', 'server-cancelled'],
    ['server-stopping', 'server-cancelled'],
    ['internal-error', 'server-cancelled'],
  ])('when the server resets with %s', async (outcome, code) => {
    const folder = makeFolder();
    const sender = await startSender((connection) => {
      connection.write(bytes.subarray(0, 1000));
      connection.reset(0x100 + TRANSFER_OUTCOMES[outcome], 'words of the server');
    });
    const result = await makeEngine().download(
      requestFor(bytes, { ...sender, targetPath: join(folder, 'file') }),
    ).outcome;
    expect(result).toMatchObject({ kind: 'failed', code });
    expect(namesIn(folder)).toEqual([]);
  });
});

describe('cancelling', () => {
  test('in mid-transfer removes what was written, and the server hears of it', async () => {
    const folder = makeFolder();
    const bytes = patternBytes(100_000);
    let serverError: Promise<unknown[]> | undefined;
    const sender = await startSender((connection) => {
      serverError = once(connection, 'error');
      connection.write(bytes.subarray(0, 50_000));
    });
    const download = makeEngine().download(
      requestFor(bytes, { ...sender, targetPath: join(folder, 'file') }),
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
    const sender = await startSender(() => expect.unreachable('nothing to connect for'));
    const download = makeEngine().download(
      requestFor(patternBytes(1), { ...sender, targetPath: join(folder, 'file') }),
    );
    download.cancel();
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    expect(namesIn(folder)).toEqual([]);
  });

  test('while verifying removes the file', async () => {
    const folder = makeFolder();
    const bytes = patternBytes(1_000_000);
    const sender = await startSender((connection) => connection.end(bytes));
    const download = makeEngine().download(
      requestFor(bytes, { ...sender, targetPath: join(folder, 'file') }),
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
    const sender = await startSender((connection) => connection.end(bytes));
    const download = makeEngine().download(requestFor(bytes, { ...sender, targetPath }));
    await download.outcome;
    download.cancel();
    download.pause();
    download.resume();
    expect(readFileSync(targetPath).equals(bytes)).toBe(true);
  });

  test('comes with closing the engine, which then takes nothing more', async () => {
    const folder = makeFolder();
    const sender = await startSender((connection) => connection.write('x'));
    const engine = new DownloadEngine();
    const request = requestFor(patternBytes(10), { ...sender, targetPath: join(folder, 'file') });
    const download = engine.download(request);
    await engine.close();
    await expect(download.outcome).resolves.toEqual({ kind: 'cancelled' });
    await expect(engine.download(request).outcome).resolves.toMatchObject({
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
    const sender = await startSender((connection) => connection.end(bytes));
    const windowBytes = 65_536;
    const engine = makeEngine({
      config: { receiveWindowBytesInitial: windowBytes, receiveWindowBytesMax: windowBytes },
    });
    const progress: DownloadProgress[] = [];
    const download = engine.download(requestFor(bytes, { ...sender, targetPath }), (report) => {
      progress.push(report);
      // The rate falls to 0 when nothing has arrived for the meter's two seconds: the flow has stopped.
      if (report.phase === 'paused' && report.receivedBytes > 0 && report.bytesPerSecond === 0)
        download.resume();
    });
    download.pause();
    await expect(download.outcome).resolves.toMatchObject({ kind: 'completed' });
    const paused = progress.filter(({ phase }) => phase === 'paused');
    expect(paused.at(-1)?.receivedBytes).toBe(windowBytes);
    expect(readFileSync(targetPath).equals(bytes)).toBe(true);
  });
});

test('tells its progress at most ten times a second, and every phase', async () => {
  const bytes = patternBytes(200_000);
  let send: (() => void) | undefined;
  const sender = await startSender((connection) => {
    connection.write(bytes.subarray(0, 100_000));
    send = () => connection.end(bytes.subarray(100_000));
  });
  const progress: DownloadProgress[] = [];
  const startedAt = performance.now();
  const download = makeEngine().download(
    requestFor(bytes, { ...sender, targetPath: join(makeFolder(), 'file') }),
    (report) => {
      progress.push(report);
      if (progress.length === 5) send?.();
    },
  );
  await download.outcome;
  const elapsedMs = performance.now() - startedAt;
  const phases = new Set(progress.map(({ phase }) => phase));
  expect([...phases]).toEqual(expect.arrayContaining(['receiving', 'verifying']));
  // One for each change of phase beside those of the timer.
  expect(progress.length).toBeLessThanOrEqual(Math.ceil(elapsedMs / 100) + phases.size);
});
