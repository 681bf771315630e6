// The same stream over TLS, on real sockets of 127.0.0.1. Everything waits for events, nothing for time.
import { connect as connectTcp, createServer } from 'node:net';
import { connect as connectAnyTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import {
  connectTls,
  derivePreSharedKey,
  listenTls,
  type StreamConnection,
  type TlsConnection,
} from '../../../src/index.ts';
import { deriveTlsKey } from '../../../src/node/tls/tls-parameters.ts';

const ticket = new Uint8Array(32).fill(7);

/** A listener that takes one ticket, once, and the connections that came of it. */
async function listenFor(given: Uint8Array = ticket) {
  const { identity, key } = derivePreSharedKey(given);
  const tickets = new Map([[Buffer.from(identity).toString('hex'), key]]);
  const waiting: ((connection: TlsConnection) => void)[] = [];
  const accepted = new Promise<TlsConnection>((resolve) => waiting.push(resolve));
  const listener = await listenTls({
    host: '127.0.0.1',
    port: 0,
    connectionsMax: 100,
    handshakeTimeoutMs: 10_000,
    acceptPreSharedKey: (wanted) => {
      const hex = Buffer.from(wanted).toString('hex');
      const found = tickets.get(hex);
      return found && { key: found, context: 'this one', consume: () => void tickets.delete(hex) };
    },
    onConnection: (connection) => {
      connection.on('error', () => undefined);
      waiting.shift()?.(connection);
    },
  });
  onTestFinished(() => listener.close());
  return { port: listener.port, accepted };
}

function open(port: number, given: Uint8Array = ticket): TlsConnection {
  const connection = connectTls({ host: '127.0.0.1', port, preSharedKey: derivePreSharedKey(given) });
  connection.on('error', () => undefined);
  onTestFinished(() => void connection.destroy());
  return connection;
}

async function pair(): Promise<{ near: TlsConnection; far: TlsConnection }> {
  const { port, accepted } = await listenFor();
  const near = open(port);
  const far = await accepted;
  return { near, far };
}

function next(connection: StreamConnection, event: string): Promise<unknown> {
  return new Promise((resolve) => connection.once(event, resolve));
}

async function readAll(connection: StreamConnection): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of connection.iterator({ destroyOnReturn: false })) pieces.push(piece);
  return Buffer.concat(pieces);
}

// CHAT-TCP-2, CHAT-TCP-4
test('both directions carry their bytes, and say when they are whole', async () => {
  const { near, far } = await pair();
  expect(far.context).toBe('this one');
  const bytes = Buffer.alloc(3_000_000, 'Parley');
  far.end(bytes);
  const finished = next(far, 'finish');
  expect((await readAll(near)).equals(bytes)).toBe(true);
  await finished;
  expect(far.acknowledgedBytes).toBe(bytes.byteLength);
  near.end('thank you');
  expect(`${await readAll(far)}`).toBe('thank you');
});

// CHAT-TCP-4
test('a sink gets every byte at its place, and `end` comes after the last', async () => {
  const { near, far } = await pair();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const found = Buffer.alloc(bytes.byteLength);
  near.receiveInto({ write: (offset, piece) => void found.set(piece, offset) });
  far.end(bytes);
  await next(near, 'end');
  expect(near.receivedBytesContiguous).toBe(bytes.byteLength);
  expect(found.equals(bytes)).toBe(true);
});

// CHAT-TCP-4
test('a source is sent whole, rests while it has nothing, and is followed by the end', async () => {
  const { near, far } = await pair();
  const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index % 251));
  let at = 0;
  let rests = 0;
  far.sendFrom({
    read: (target) => {
      if (at === bytes.byteLength) return undefined;
      if (at > 0 && rests === 0) {
        rests += 1;
        setImmediate(() => far.sendOn());
        return 0;
      }
      const count = bytes.copy(target, 0, at);
      at += count;
      return count;
    },
  });
  expect((await readAll(near)).equals(bytes)).toBe(true);
  expect(rests).toBe(1);
});

// CHAT-TCP-4
test('a source that throws ends the connection with its error as the cause', async () => {
  const { near, far } = await pair();
  const gone = new Error('no such file');
  near.resume();
  const ends = Promise.all([next(far, 'error'), next(near, 'error')]);
  far.sendFrom({
    read: () => {
      throw gone;
    },
  });
  expect(await ends).toMatchObject([{ code: 'source-failed', cause: gone }, { code: 'reset' }]);
});

// CHAT-TCP-4
test('a reset arrives with its code', async () => {
  const { near, far } = await pair();
  near.resume();
  far.reset(0x105);
  expect(await next(near, 'error')).toMatchObject({ code: 'reset', resetCode: 0x105 });
});

// CHAT-TCP-4
test('a line that is cut is not the end of a stream', async () => {
  const { port, accepted } = await listenFor();
  let cut = (): void => undefined;
  const between = createServer((outside) => {
    const inside = connectTcp({ port, host: '127.0.0.1' });
    outside.on('error', () => undefined).pipe(inside);
    inside.on('error', () => undefined).pipe(outside);
    cut = () => {
      outside.end();
      inside.destroy();
    };
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void between.close());
  const near = open((between.address() as { port: number }).port);
  const far = await accepted;
  far.write('the first part');
  near.once('data', () => cut());
  let hasEnded = false;
  near.once('end', () => {
    hasEnded = true;
  });
  expect(await next(near, 'error')).toMatchObject({ code: 'disconnected' });
  expect(hasEnded).toBe(false);
});

// CHAT-TCP-3
test.each([
  ['a ticket that nobody knows', new Uint8Array(32).fill(8)],
  ['a ticket that was used', ticket],
])('%s is refused', async (_, given) => {
  const { port, accepted } = await listenFor();
  if (given === ticket) {
    open(port);
    await accepted;
  }
  expect(await next(open(port, given), 'error')).toMatchObject({ code: 'refused' });
});

// CHAT-TCP-3
test('of two connections with one ticket at the same time one gets in', async () => {
  const { port, accepted } = await listenFor();
  const both = [open(port), open(port)];
  const failures = Promise.race(both.map((connection) => next(connection, 'error')));
  await accepted;
  expect(await failures).toHaveProperty('code');
  expect(both.filter((connection) => !connection.destroyed)).toHaveLength(1);
});

// CHAT-TCP-2
test('without a ticket there is nothing to talk to', async () => {
  const { port } = await listenFor();
  const socket = connectAnyTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  expect(error.code).toContain('HANDSHAKE_FAILURE');
});

test('nobody who listens is said at once', async () => {
  expect(await next(open(1), 'error')).toMatchObject({ code: 'unreachable' });
});

// CHAT-TCP-2
test('the key for TLS is derived as specified', () => {
  const { key } = derivePreSharedKey(Uint8Array.from({ length: 32 }, (_, index) => index));
  expect(Buffer.from(deriveTlsKey(key)).toString('hex')).toBe(
    '241e2873c181c3a9786d5b8df41f3a3f58b546aecad8d3d63d16434b449e7694',
  );
});
