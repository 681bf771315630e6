import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Errno } from '../../src/node/offload/errno.ts';
import type { Libc } from '../../src/node/offload/libc.ts';
import { openOffloadSocket } from '../../src/node/offload/offload-socket.ts';
import { findOffload } from '../../src/node/offload/probe.ts';
import { decodeSocketAddress, encodeSocketAddress } from '../../src/node/offload/socket-address.ts';
import { openUdpSocket } from '../../src/node/open-socket.ts';
import type { UdpSocket } from '../../src/node/udp-socket.ts';
import { openPair, patternBytes, readAll, until } from './loopback.ts';

const offload = findOffload();
const libc = 'libc' in offload ? offload.libc : undefined;
const readsMarks = 'libc' in offload && offload.readsMarks;

/** A socket of the kernel's that sends to one of ours, and when the kernel received each datagram. */
async function openTimed() {
  const stamps: (number | undefined)[] = [];
  const receiver = await openUdpSocket({
    io: 'offload',
    bind: { host: '127.0.0.1', port: 0 },
    onDatagram: (_remote, _bytes, _mark, receivedAtMs) => stamps.push(receivedAtMs),
    onError: () => undefined,
  });
  onTestFinished(() => receiver.close());
  const sender = createSocket('udp4');
  onTestFinished(() => void sender.close());
  sender.connect(receiver.local.port, receiver.local.host);
  await once(sender, 'connect');
  return { sender, stamps };
}

/** An offload socket that is tied to a plain one, which cannot join datagrams: it sees what is really on the wire. */
async function openToPlainReceiver(changes: Partial<Libc> = {}) {
  const receiver = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const received: Buffer[] = [];
  receiver.on('message', (bytes) => received.push(bytes));
  const errors: (string | undefined)[] = [];
  const socket = await openOffloadSocket(
    { ...(libc as Libc), ...changes },
    {
      connect: { host: '127.0.0.1', port: receiver.address().port },
      onDatagram: () => undefined,
      onError: (error) => errors.push(error.code),
    },
  );
  onTestFinished(async () => {
    await socket.close();
    receiver.close();
  });
  return { socket, received, errors };
}

/** Sends `train` and resolves when the system has taken it. */
function send(socket: UdpSocket, train: Uint8Array, segmentBytes: number): Promise<void> {
  return new Promise((resolve) => {
    socket.send(train, { segmentBytes, remote: socket.remote ?? socket.local }, resolve);
  });
}

describe.skipIf(libc === undefined)('the offload backend', () => {
  test('hands a train to the kernel in one call, and each packet leaves as a datagram', async () => {
    const { socket, received } = await openToPlainReceiver();
    const train = patternBytes(10 * 1200 + 7);
    await send(socket, train, 1200);
    await until(() => received.length === 11);
    expect(received.map(({ length }) => length)).toEqual([...Array(10).fill(1200), 7]);
    expect(Buffer.concat(received)).toEqual(train);
    expect(socket.statistics()).toMatchObject({
      backend: 'offload',
      isSegmenting: true,
      datagramsSent: 11,
      sendCalls: 1,
    });
  });

  test('tells when the kernel received a datagram, however long nobody reads it', async () => {
    const { sender, stamps } = await openTimed();
    // The kernel begins to note times a moment after it was asked to.
    for (;;) {
      const sentAtMs = performance.now();
      sender.send('x');
      while (performance.now() < sentAtMs + 20);
      const busyUntilMs = performance.now();
      const known = stamps.length;
      await until(() => stamps.length > known);
      const receivedAtMs = stamps[known] as number;
      expect(receivedAtMs).toBeGreaterThan(sentAtMs - 1);
      if (receivedAtMs < busyUntilMs - 5) return;
    }
  });

  test('tells it for each of a crowd, and for one that comes alone after it', async () => {
    const { sender, stamps } = await openTimed();
    /** Sends that many without letting the receiver read, and tells how long after its sending each was there; Infinity if nobody knows. */
    const delaysOf = async (count: number) => {
      stamps.length = 0;
      const sentAtMs: number[] = [];
      for (let index = 0; index < count; index += 1) {
        sentAtMs.push(performance.now());
        sender.send('x');
        while (performance.now() < (sentAtMs[index] as number) + 10);
      }
      await until(() => stamps.length === count);
      return sentAtMs.map((sent, index) => (stamps[index] ?? Number.POSITIVE_INFINITY) - sent);
    };
    // The kernel begins to note times a moment after it was asked to, and a busy machine delays some.
    for (;;) {
      const delays = [...(await delaysOf(12)), ...(await delaysOf(1))];
      expect(Math.min(...delays)).toBeGreaterThan(-1);
      if (Math.max(...delays) < 9) return;
    }
  });

  test('cuts trains of changing sizes, and single packets between them', async () => {
    const { socket, received } = await openToPlainReceiver();
    const sizes = [
      [3000, 1000],
      [40, 40],
      [1472, 1472],
      [2000, 1472],
      [64, 64],
    ] as const;
    for (const [bytes, segmentBytes] of sizes) await send(socket, patternBytes(bytes), segmentBytes);
    await until(() => received.length === 8);
    expect(received.map(({ length }) => length)).toEqual([1000, 1000, 1000, 40, 1472, 1472, 528, 64]);
  });

  test.each([
    ['EIO', Errno.ioError],
    ['EINVAL', Errno.invalid],
    ['EOPNOTSUPP', Errno.notSupported],
  ])(
    'sends packet by packet for the rest of its life when the device refuses a train with %s',
    async (_, errno) => {
      let refusals = 0;
      const { socket, received, errors } = await openToPlainReceiver({
        send: (fd, bytes, address) => {
          if (bytes.byteLength <= 1200) return (libc as Libc).send(fd, bytes, address);
          refusals += 1;
          return errno;
        },
      });
      await send(socket, patternBytes(2500), 1200);
      await send(socket, patternBytes(2500), 1200);
      await until(() => received.length === 6);
      expect(Buffer.concat(received.slice(0, 3))).toEqual(patternBytes(2500));
      expect(refusals).toBe(1);
      expect(socket.statistics()).toMatchObject({ isSegmenting: false, datagramsSent: 6, sendErrors: 0 });
      expect(errors).toEqual([]);
    },
  );

  test('goes on with trains when it was the packets that were refused', async () => {
    let isRefusing = true;
    const { socket, received } = await openToPlainReceiver({
      send: (fd, bytes, address) => (isRefusing ? Errno.invalid : (libc as Libc).send(fd, bytes, address)),
    });
    await send(socket, patternBytes(2500), 1200);
    isRefusing = false;
    await send(socket, patternBytes(2500), 1200);
    await until(() => received.length === 3);
    expect(socket.statistics()).toMatchObject({ isSegmenting: true, datagramsSent: 3, sendErrors: 3 });
  });

  test('waits for room when the socket is full, keeps the order and loses nothing', async () => {
    let calls = 0;
    const { socket, received } = await openToPlainReceiver({
      // Every second call finds the socket full.
      send: (fd, bytes, address) =>
        calls++ % 2 === 0 ? Errno.again : (libc as Libc).send(fd, bytes, address),
    });
    const pieces = [0, 1, 2, 3, 4].map((index) => patternBytes(5 * 1000 + index).fill(index, 0, 100));
    await Promise.all(pieces.map((piece) => send(socket, piece, 1000)));
    const expected = Buffer.concat(pieces);
    await until(() => Buffer.concat(received).length === expected.length);
    expect(Buffer.concat(received)).toEqual(expected);
    expect(socket.statistics()).toMatchObject({ isSegmenting: true, sendErrors: 0, datagramsSent: 29 });
  });

  test('goes on where it was when the socket fills up in the middle of a train that nobody cuts', async () => {
    let calls = 0;
    const { socket, received } = await openToPlainReceiver({
      send: (fd, bytes, address) => {
        calls += 1;
        if (calls === 1) return Errno.ioError;
        return calls === 3 ? Errno.again : (libc as Libc).send(fd, bytes, address);
      },
    });
    await send(socket, patternBytes(4321), 1000);
    await until(() => received.length === 5);
    expect(Buffer.concat(received)).toEqual(patternBytes(4321));
  });

  test('gives every train back when it is closed while it waits', async () => {
    const { socket } = await openToPlainReceiver({ send: () => Errno.again });
    let done = 0;
    for (let index = 0; index < 3; index += 1) {
      socket.send(patternBytes(3000), { segmentBytes: 1000, remote: socket.local }, () => {
        done += 1;
      });
    }
    await socket.close();
    expect(done).toBe(3);
  });

  test('takes the refusal of a large packet for the fate of that packet alone, after asking twice', async () => {
    const answers = [Errno.messageTooLong, Errno.messageTooLong];
    const { socket, received, errors } = await openToPlainReceiver({
      send: (fd, bytes, address) => answers.shift() ?? (libc as Libc).send(fd, bytes, address),
    });
    await send(socket, patternBytes(1400), 1400);
    await send(socket, patternBytes(1200), 1200);
    await until(() => received.length === 1);
    expect(received[0]?.length).toBe(1200);
    expect(errors).toEqual(['EMSGSIZE']);
  });

  test.each(['nonsense', '1.2.3', 'fe80::g'])('refuses %s, which is no address', async (host) => {
    const options = { io: 'offload', onDatagram: () => undefined, onError: () => undefined } as const;
    await expect(openUdpSocket({ ...options, bind: { host, port: 0 } })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  test('refuses a port that is taken, and lets nobody else take its own', async () => {
    const options = { io: 'offload', onDatagram: () => undefined, onError: () => undefined } as const;
    const first = await openUdpSocket({ ...options, bind: { host: '127.0.0.1', port: 0 } });
    onTestFinished(() => first.close());
    await expect(openUdpSocket({ ...options, bind: first.local })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    const thief = createSocket({ type: 'udp4', reuseAddr: true });
    onTestFinished(() => void thief.close());
    thief.bind(first.local.port, '127.0.0.1');
    const [error] = (await once(thief, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
  });

  test.each([
    ['offload', 'offload'],
    ['offload', 'portable'],
    ['portable', 'offload'],
  ] as const)('speaks the same language: %s to %s', async (server, client) => {
    const pair = await openPair({ listen: { io: server }, connect: { io: client } });
    expect(pair.client.socketStatistics()?.backend).toBe(client);
    expect(pair.server.socketStatistics()?.backend).toBe(server);
    const upload = patternBytes(3_000_000);
    pair.client.end(upload);
    expect((await readAll(pair.server)).equals(upload)).toBe(true);
    pair.server.end(upload);
    expect((await readAll(pair.client)).equals(upload)).toBe(true);
  });

  test('climbs to large packets on loopback, unless the settings say otherwise', async () => {
    const transfer = patternBytes(4_000_000);
    const pair = await openPair({ listen: { io: 'offload' }, connect: { io: 'offload' } });
    pair.client.end(transfer);
    expect((await readAll(pair.server)).equals(transfer)).toBe(true);
    const statistics = pair.client.socketStatistics();
    expect(pair.client.statistics()?.mtu).toBeGreaterThan(1472);
    expect(pair.client.statistics()?.mtu).toBeLessThanOrEqual(statistics?.datagramBytesMax ?? 0);
    const config = { datagramBytesMax: 1400 };
    const small = await openPair({ listen: { io: 'offload' }, connect: { io: 'offload', config } });
    small.client.end(transfer);
    expect((await readAll(small.server)).equals(transfer)).toBe(true);
    expect(small.client.statistics()?.mtu).toBe(1400);
  });

  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '2001:db8::1', 'fe80::1%lo', '::', '1:0:0:2::3'])(
    'spells the address %s as node:dgram does',
    (host) => {
      const address = encodeSocketAddress(libc as Libc, { host, port: 4711 });
      expect(decodeSocketAddress(libc as Libc, address)).toEqual({ host, port: 4711 });
    },
  );

  test('reads what waits in one go, and knows the sender of each', async () => {
    const received: string[] = [];
    const receiver = await openUdpSocket({
      io: 'offload',
      bind: { host: '::', port: 0 },
      onDatagram: ({ host, port }, bytes) => received.push(`${host} ${port} ${bytes.length}`),
      onError: () => undefined,
    });
    onTestFinished(() => receiver.close());
    const senders = await Promise.all(
      ['127.0.0.1', '::1'].map((host) =>
        openUdpSocket({
          io: 'offload',
          connect: { host, port: receiver.local.port },
          onDatagram: () => undefined,
          onError: () => undefined,
        }),
      ),
    );
    for (const sender of senders) onTestFinished(() => sender.close());
    const [v4, v6] = senders.map(({ local }) => local.port);
    for (let round = 1; round <= 20; round += 1)
      for (const sender of senders) await send(sender, new Uint8Array(round), round);
    await until(() => received.length === 40);
    const expected = Array.from({ length: 20 }, (_, index) => [
      `::ffff:127.0.0.1 ${v4} ${index + 1}`,
      `::1 ${v6} ${index + 1}`,
    ]).flat();
    expect(received).toEqual(expected);
    expect(receiver.statistics().receiveCalls).toBeLessThan(readsMarks ? 10 : 41);
  });

  test('reaches IPv6 and, from a listener on all addresses, IPv4', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const pair = await openPair({
        listen: { io: 'offload', host: '::' },
        connect: { io: 'offload', host },
      });
      pair.server.end('hello');
      expect(String(await readAll(pair.client))).toBe('hello');
    }
  });
});

describe('where offload is missing', () => {
  const missing = () => ({ missing: 'koffi does not load: no such package' });
  const handlers = { onDatagram: () => undefined, onError: () => undefined };
  const bind = { host: '127.0.0.1', port: 0 };

  test('auto goes on without, and says why', async () => {
    const socket = await openUdpSocket({ ...handlers, bind, io: 'auto' }, missing);
    onTestFinished(() => socket.close());
    expect(socket.statistics()).toMatchObject({
      backend: 'portable',
      offloadMissing: 'koffi does not load: no such package',
      datagramBytesMax: 1472,
    });
  });

  test('who insists is told what is missing', async () => {
    await expect(openUdpSocket({ ...handlers, bind, io: 'offload' }, missing)).rejects.toMatchObject({
      code: 'socket-failed',
      message: 'the offload backend is not available: koffi does not load: no such package',
    });
  });

  test('portable does not even look', async () => {
    const socket = await openUdpSocket({ ...handlers, bind, io: 'portable' }, () => {
      throw new Error('looked');
    });
    onTestFinished(() => socket.close());
    expect(socket.statistics().offloadMissing).toBeUndefined();
  });
});
