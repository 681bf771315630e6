import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import {
  errorOf,
  openPair,
  patternBytes,
  readAll,
  settled,
  startClient,
  startListener,
  until,
} from './loopback.ts';

test('echoes what is written before and after the handshake', async () => {
  const listener = await startListener();
  listener.on('connection', (connection) => connection.pipe(connection));
  const client = startClient(listener);
  client.write('before');
  await once(client, 'established');
  client.end(' and after');
  expect((await readAll(client)).toString()).toBe('before and after');
});

describe('half-close', () => {
  test('lets the client end first and still read the answer', async () => {
    const { client, server } = await openPair();
    client.end('question');
    expect((await readAll(server)).toString()).toBe('question');
    server.end('answer');
    expect((await readAll(client)).toString()).toBe('answer');
    await Promise.all([closed(client), closed(server)]);
    expect(client.endReason).toEqual({ kind: 'finished' });
    expect(server.endReason).toEqual({ kind: 'finished' });
  });

  test('lets the server end first and still read what comes', async () => {
    const { client, server } = await openPair();
    server.end('greeting');
    expect((await readAll(client)).toString()).toBe('greeting');
    client.end('thanks');
    expect((await readAll(server)).toString()).toBe('thanks');
    await Promise.all([closed(client), closed(server)]);
    expect(client.endReason).toEqual({ kind: 'finished' });
    expect(server.endReason).toEqual({ kind: 'finished' });
  });

  test("ends our direction with the peer's when half-open is not allowed", async () => {
    const { client, server } = await openPair({ listen: { allowHalfOpen: false } });
    server.resume();
    client.resume();
    client.end('bye');
    await Promise.all([closed(client), closed(server)]);
    expect(server.endReason).toEqual({ kind: 'finished' });
  });

  test('a stream that is destroyed after both directions have ended still ends in order', async () => {
    const { client, server } = await openPair();
    server.pipe(server);
    client.end(patternBytes(500_000));
    // A plain for-await destroys the stream as soon as it has read the end.
    let receivedBytes = 0;
    for await (const chunk of client) receivedBytes += chunk.byteLength;
    expect(receivedBytes).toBe(500_000);
    await Promise.all([closed(client), closed(server)]);
    expect(client.endReason).toEqual({ kind: 'finished' });
    expect(server.endReason).toEqual({ kind: 'finished' });
  });

  test('is noticed at its end even when nobody reads', async () => {
    const { client, server } = await openPair();
    client.end();
    server.end();
    await Promise.all([closed(client), closed(server)]);
    expect(server.endReason).toEqual({ kind: 'finished' });
  });

  test('carries an empty stream', async () => {
    const { client, server } = await openPair();
    client.end();
    server.end();
    expect(await readAll(server)).toHaveLength(0);
    expect(await readAll(client)).toHaveLength(0);
    await Promise.all([closed(client), closed(server)]);
  });
});

test('pipes 20 MB through in order, and finish means that the peer has them', async () => {
  const { client, server } = await openPair();
  const bytes = patternBytes(20_000_000);
  const hash = createHash('sha256');
  let receivedBytes = 0;
  const received = pipeline(server, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      hash.update(chunk);
      receivedBytes += chunk.byteLength;
    }
  });
  client.resume();
  await pipeline(
    Readable.from(pieces(bytes, 100_000)),
    new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        client.write(chunk, callback);
      },
      final: (callback) => {
        client.end(callback);
      },
    }),
  );
  expect(client.statistics()?.streamBytesAcknowledged).toBe(bytes.byteLength);
  await received.catch(() => undefined);
  expect(receivedBytes).toBe(bytes.byteLength);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('a slow reader holds the writer back, and everything arrives once it reads', async () => {
  const { client, server } = await openPair({
    listen: { config: { receiveWindowBytesInitial: 65_536, receiveWindowBytesMax: 65_536 } },
    connect: { config: { sendBufferBytesMax: 65_536 } },
  });
  const bytes = patternBytes(2_000_000);
  let writtenBytes = 0;
  const written = (async () => {
    for (const piece of pieces(bytes, 10_000)) {
      if (!client.write(piece)) await once(client, 'drain');
      writtenBytes += piece.byteLength;
    }
    client.end();
  })();
  // Nobody reads: the stream buffers of both ends and the receive window fill up, and then nothing moves.
  await until(() => server.receivedBytesContiguous >= 65_536 && client.writableNeedDrain);
  await settled(server, client, () => server.receivedBytesContiguous + writtenBytes);
  expect(server.receivedBytesContiguous).toBeLessThan(300_000);
  expect(writtenBytes).toBeLessThan(500_000);
  const received = await readAll(server);
  await written;
  expect(received.equals(bytes)).toBe(true);
});

describe('an early end', () => {
  test('destroy resets the peer', async () => {
    const { client, server } = await openPair();
    client.destroy();
    await expect(errorOf(server)).resolves.toMatchObject({ code: 'reset', resetCode: 0x100 });
    expect(server.endReason).toMatchObject({ kind: 'reset-by-peer' });
    expect(client.endReason).toMatchObject({ kind: 'reset-locally' });
  });

  test('reset carries a code and words to the peer', async () => {
    const { client, server } = await openPair();
    server.reset(0x1ff, 'the file changed');
    await expect(errorOf(client)).resolves.toMatchObject({
      code: 'reset',
      resetCode: 0x1ff,
      resetReason: 'the file changed',
    });
    expect(server.endReason).toEqual({ kind: 'reset-locally', code: 0x1ff, reason: 'the file changed' });
  });

  test('reset is one also when both directions have ended and what was sent waits to be taken', async () => {
    const { client, server } = await openPair();
    client.end();
    server.resume();
    await once(server, 'end');
    const theirs = errorOf(client);
    server.end(patternBytes(50_000));
    // The transport has all of it, and nothing was acknowledged within this turn.
    for (let tick = 0; tick < 3; tick += 1) await new Promise<void>((resolve) => process.nextTick(resolve));
    server.reset(0x102, 'cancelled');
    await expect(theirs).resolves.toMatchObject({ code: 'reset', resetCode: 0x102 });
    expect(server.endReason).toEqual({ kind: 'reset-locally', code: 0x102, reason: 'cancelled' });
  });

  test('destroy with an error emits it here and resets the peer', async () => {
    const { client, server } = await openPair();
    const mine = errorOf(client);
    client.destroy(new Error('enough'));
    await expect(mine).resolves.toMatchObject({ message: 'enough' });
    await expect(errorOf(server)).resolves.toMatchObject({ code: 'reset' });
  });

  test('leaving a for-await loop early resets the peer', async () => {
    const { client, server } = await openPair();
    client.write(patternBytes(100_000));
    for await (const chunk of server) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await expect(errorOf(client)).resolves.toMatchObject({ code: 'reset' });
  });

  test('writing after the peer has reset fails with its reset', async () => {
    const { client, server } = await openPair();
    server.destroy();
    const error = await errorOf(client);
    expect(error).toMatchObject({ code: 'reset' });
    await new Promise<void>((resolve) => {
      client.write('too late', (failure) => {
        expect(failure).toBeInstanceOf(Error);
        resolve();
      });
    });
  });
});

describe('a positional sink', () => {
  test('gets every byte once at its offset, and the end is told', async () => {
    const { client, server } = await openPair();
    const bytes = patternBytes(3_000_000);
    const received = Buffer.alloc(bytes.byteLength);
    let receivedBytes = 0;
    server.receiveInto({
      write: (offset, piece) => {
        received.set(piece, offset);
        receivedBytes += piece.byteLength;
      },
    });
    client.end(bytes);
    await once(server, 'end');
    expect(receivedBytes).toBe(bytes.byteLength);
    expect(received.equals(bytes)).toBe(true);
    expect(server.receivedBytesContiguous).toBe(bytes.byteLength);
  });

  test('is told of the end of an empty stream', async () => {
    const { client, server } = await openPair();
    server.receiveInto({ write: () => expect.unreachable('there is nothing to write') });
    client.end();
    await once(server, 'end');
    expect(server.receivedBytesContiguous).toBe(0);
  });

  test('may be set before the connection is open', async () => {
    const { client, server } = await openPair();
    const pieces: Buffer[] = [];
    client.receiveInto({ write: (_offset, piece) => pieces.push(Buffer.from(piece)) });
    server.end('short');
    await once(client, 'end');
    expect(Buffer.concat(pieces).toString()).toBe('short');
  });

  test('that throws destroys the connection with its error as the cause', async () => {
    const { client, server } = await openPair();
    const full = new Error('disk full');
    let calls = 0;
    server.receiveInto({
      write: () => {
        calls += 1;
        throw full;
      },
    });
    client.write(patternBytes(100_000));
    const [mine, theirs] = await Promise.all([errorOf(server), errorOf(client)]);
    expect(mine).toMatchObject({ code: 'sink-failed', cause: full });
    expect(theirs).toMatchObject({ code: 'reset' });
    expect(calls).toBe(1);
  });

  test('gets nothing above the granted window while receiving is paused, and the rest afterwards', async () => {
    const { client, server } = await openPair({
      listen: { config: { receiveWindowBytesInitial: 65_536, receiveWindowBytesMax: 65_536 } },
    });
    const bytes = patternBytes(1_000_000);
    server.pauseReceiving();
    server.receiveInto({ write: () => undefined });
    client.end(bytes);
    await until(() => server.receivedBytesContiguous === 65_536);
    await settled(server, client, () => server.receivedBytesContiguous);
    expect(server.receivedBytesContiguous).toBe(65_536);
    server.resumeReceiving();
    await once(server, 'end');
    expect(server.receivedBytesContiguous).toBe(bytes.byteLength);
  });
});

describe('a source', () => {
  test('is sent whole, behind whatever the handshake takes, and followed by the end', async () => {
    const { client, server } = await openPair();
    const bytes = patternBytes(3_000_000);
    const toServer = readAll(server);
    client.sendFrom(bufferSource(bytes));
    expect((await toServer).equals(bytes)).toBe(true);
    await settledFinish(client);
    expect(client.acknowledgedBytes).toBe(bytes.byteLength);
    expect(client.writableFinished).toBe(true);
    server.sendFrom(bufferSource(Buffer.from('thank you')));
    expect((await readAll(client)).toString()).toBe('thank you');
    await Promise.all([closed(client), closed(server)]);
    expect(client.endReason).toEqual({ kind: 'finished' });
  });

  test('may be given before the connection is open, and be empty', async () => {
    const listener = await startListener();
    const accepted = once(listener, 'connection');
    const client = startClient(listener);
    client.sendFrom({ read: () => undefined });
    const [server] = await accepted;
    expect((await readAll(server)).byteLength).toBe(0);
  });

  test('that has nothing for a while is asked again when it says so', async () => {
    const { client, server } = await openPair();
    const words = ['first', undefined, ' and', undefined, ' last'];
    let isOver = false;
    const received = readAll(server);
    client.sendFrom({
      read: (target) => {
        if (words.length === 0) isOver = true;
        if (isOver) return undefined;
        const word = words.shift();
        if (word !== undefined)
          return target.length < 16 ? 0 : Buffer.from(target.buffer, target.byteOffset).write(word);
        setImmediate(() => client.sendOn());
        return 0;
      },
    });
    expect((await received).toString()).toBe('first and last');
  });

  test('that throws destroys the connection with its error as the cause', async () => {
    const { client, server } = await openPair();
    const gone = new Error('no such file');
    server.resume();
    client.sendFrom({
      read: () => {
        throw gone;
      },
    });
    const [mine, theirs] = await Promise.all([errorOf(client), errorOf(server)]);
    expect(mine).toMatchObject({ code: 'source-failed', cause: gone });
    expect(theirs).toMatchObject({ code: 'reset' });
  });
});

function bufferSource(bytes: Buffer) {
  let at = 0;
  return {
    read: (target: Uint8Array): number | undefined => {
      if (at === bytes.byteLength) return undefined;
      const count = bytes.copy(target, 0, at);
      at += count;
      return count;
    },
  };
}

async function settledFinish(stream: { writableFinished: boolean }): Promise<void> {
  if (!stream.writableFinished) await once(stream as never, 'finish');
}

function* pieces(bytes: Buffer, pieceBytes: number): Generator<Buffer> {
  for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
    yield bytes.subarray(start, start + pieceBytes);
  }
}

async function closed(stream: { closed: boolean }): Promise<void> {
  if (!stream.closed) await once(stream as never, 'close');
}
