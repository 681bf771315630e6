// A file on its way to a server, over rudp on 127.0.0.1.
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRANSFER_OUTCOMES, type TransferOutcome } from '@parley/protocol';
import type { RudpConnection } from '@parley/rudp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TransferEngine, type TransferProgress, type Upload, type WantedUpload } from '../../src/index.ts';
import {
  chunkHashesOf,
  chunkRootOf,
  makeFolder,
  patternBytes,
  sha256,
  startSender,
} from '../downloads/support.ts';

/** A file with these bytes. */
function fileOf(bytes: Uint8Array): string {
  const path = join(makeFolder(), 'source.bin');
  writeFileSync(path, bytes);
  return path;
}

/** Everything that comes until FIN. */
async function take(connection: RudpConnection): Promise<Buffer> {
  const pieces: Buffer[] = [];
  connection.on('data', (piece: Buffer) => pieces.push(piece));
  await once(connection, 'end');
  return Buffer.concat(pieces);
}

/** Sends a file to these servers, one after the other, each from its byte; who wants more than there are is stopped. */
function send(
  sourcePath: string,
  offers: readonly { readonly udpPort: number; readonly ticket: Uint8Array; readonly start: number }[],
  onProgress: (progress: TransferProgress, upload: Upload) => void = () => undefined,
): { readonly upload: Upload; readonly wanted: WantedUpload[] } {
  const engine = new TransferEngine();
  onTestFinished(() => engine.close());
  const wanted: WantedUpload[] = [];
  const upload: Upload = engine.upload(
    { sourcePath },
    {
      onProgress: (progress) => onProgress(progress, upload),
      onWanted: (wish) => {
        const offer = offers[wanted.length];
        wanted.push(wish);
        if (offer === undefined) upload.stop();
        else upload.take({ transferId: 1, host: '127.0.0.1', tcpPort: 1, ...offer });
      },
    },
  );
  return { upload, wanted };
}

const resetCode = (outcome: TransferOutcome) => 0x100 + TRANSFER_OUTCOMES[outcome];

// CHAT-UPLOAD-3, CHAT-UPLOAD-4
test.each([
  [0, 0],
  [1, 0],
  [3_000_000, 0],
  [3_000_000, 786_432],
  [3_000_000, 3_000_000],
])('of a file of %i bytes the list and the bytes from %i on are sent, and confirmed', async (size, start) => {
  const bytes = patternBytes(size);
  let received: Promise<Buffer> | undefined;
  const server = await startSender((connection) => {
    received = take(connection);
    void received.then(() => connection.end());
  });
  const { upload, wanted } = send(fileOf(bytes), [{ ...server, start }]);
  await expect(upload.outcome).resolves.toMatchObject({
    kind: 'completed',
    size,
    sha256: sha256(bytes),
  });
  expect(wanted).toMatchObject([{ size, chunkRoot: chunkRootOf(bytes), trouble: undefined }]);
  const stream = Buffer.concat([chunkHashesOf(bytes), bytes.subarray(start)]);
  expect((await received)?.equals(stream)).toBe(true);
});

describe('an upload that breaks', () => {
  const bytes = patternBytes(600_000);

  // CHAT-RESUME-1, CHAT-UPLOAD-5
  test.each<[TransferOutcome, string]>([
    ['connection-lost', 'connection-lost'],
    ['ticket-expired', 'ticket-refused'],
    ['server-stopping', 'server-cancelled'],
  ])('by a reset with %s goes on with another offer', async (outcome, code) => {
    const first = await startSender((connection) => connection.reset(resetCode(outcome), ''));
    const second = await startSender((connection) => void take(connection).then(() => connection.end()));
    const { upload, wanted } = send(fileOf(bytes), [
      { ...first, start: 0 },
      { ...second, start: 262_144 },
    ]);
    await expect(upload.outcome).resolves.toMatchObject({ kind: 'completed' });
    expect(wanted[1]?.trouble?.code).toBe(code);
  });

  // CHAT-TRANSFER-9
  test.each<[TransferOutcome, string]>([
    ['content-mismatch', 'source-changed'],
    ['no-space', 'no-space'],
    ['file-exists', 'file-exists'],
  ])('by a reset with %s fails', async (outcome, code) => {
    const server = await startSender((connection) => connection.reset(resetCode(outcome), ''));
    const { upload } = send(fileOf(bytes), [{ ...server, start: 0 }]);
    await expect(upload.outcome).resolves.toMatchObject({ kind: 'failed', code });
  });

  test('by a confirmation before its end has met something that is no server', async () => {
    const server = await startSender((connection) => {
      connection.pauseReceiving();
      connection.end();
    });
    const { upload } = send(fileOf(patternBytes(20_000_000)), [{ ...server, start: 0 }]);
    await expect(upload.outcome).resolves.toMatchObject({ kind: 'failed', code: 'protocol-violation' });
  });
});

// CHAT-TRANSFER-9, CHAT-UPLOAD-5
test.each([
  ['stop', 'connection-lost', 'stopped'],
  ['cancel', 'cancelled', 'cancelled'],
] as const)('to %s it resets with %s', async (command, outcome, kind) => {
  let failure: Promise<unknown[]> | undefined;
  const server = await startSender((connection) => {
    connection.pauseReceiving();
    failure = once(connection, 'error');
  });
  const { upload } = send(
    fileOf(patternBytes(20_000_000)),
    [{ ...server, start: 0 }],
    ({ receivedBytes }, running) => {
      if (receivedBytes > 0) running[command]();
    },
  );
  await expect(upload.outcome).resolves.toEqual({ kind });
  await expect(failure).resolves.toMatchObject([{ code: 'reset', resetCode: resetCode(outcome) }]);
});

test('what is paused goes on where it was', async () => {
  const bytes = patternBytes(30_000_000);
  const server = await startSender((connection) => void take(connection).then(() => connection.end()));
  const phases: string[] = [];
  const { upload } = send(fileOf(bytes), [{ ...server, start: 0 }], ({ phase }, running) => {
    phases.push(phase);
    if (phase === 'sending' && !phases.includes('paused')) running.pause();
    if (phase === 'paused') running.resume();
  });
  await expect(upload.outcome).resolves.toMatchObject({ kind: 'completed', size: 30_000_000 });
  expect(phases).toContain('paused');
});

describe('a file that is not what it was', () => {
  test('because it shrank while it was sent fails, and is not confirmed', async () => {
    const path = fileOf(patternBytes(30_000_000));
    const server = await startSender((connection) => connection.resume());
    const { upload } = send(path, [{ ...server, start: 0 }], ({ phase }) => {
      if (phase === 'sending') truncateSync(path, 10);
    });
    await expect(upload.outcome).resolves.toMatchObject({ kind: 'failed', code: 'source-changed' });
  });

  test('because it is not there fails with words', async () => {
    const { upload } = send('/nonexistent/file', []);
    await expect(upload.outcome).resolves.toMatchObject({
      kind: 'failed',
      code: 'source-unreadable',
      message: 'there is no file /nonexistent/file',
    });
  });

  test('because it is a folder fails with words', async () => {
    const { upload } = send(makeFolder(), []);
    await expect(upload.outcome).resolves.toMatchObject({ code: 'source-unreadable' });
  });
});
