import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EcnMark, type RemoteAddress } from '../../src/core/index.ts';
import { openDescriptor } from '../../src/node/offload/descriptor-group.ts';
import { Errno } from '../../src/node/offload/errno.ts';
import { AddressFamily, type Libc, SocketOption } from '../../src/node/offload/libc.ts';
import { openMarkedSocket } from '../../src/node/offload/marked-socket.ts';
import { findOffload } from '../../src/node/offload/probe.ts';
import { encodeSocketAddress, familyOf } from '../../src/node/offload/socket-address.ts';
import { openUdpSocket } from '../../src/node/open-socket.ts';
import type { RudpConnection } from '../../src/node/rudp-connection.ts';
import type { UdpSocket } from '../../src/node/udp-socket.ts';
import { openPair, patternBytes, readAll, startClient, startListener, until } from './loopback.ts';

const offload = findOffload();
const readsMarks = 'libc' in offload && offload.readsMarks;
const libc = ('libc' in offload ? offload.libc : undefined) as Libc;

/** A socket that sends one byte, its mark, with any mark. */
function openMarker(host: string) {
  const fd = openDescriptor(libc, host);
  onTestFinished(() => libc.close(fd));
  return {
    fd,
    send(mark: EcnMark, remote: RemoteAddress, bytes: Uint8Array = Uint8Array.of(mark)): void {
      libc.setOption(fd, SocketOption.ipTypeOfService, mark);
      if (familyOf(host) === AddressFamily.ipv6) libc.setOption(fd, SocketOption.ipv6TrafficClass, mark);
      expect(libc.send(fd, bytes, encodeSocketAddress(libc, remote))).toBe(Errno.none);
    },
  };
}

/** A socket that notes the mark of everything that arrives. */
async function openNoting(bind: RemoteAddress) {
  const received: { mark: EcnMark | undefined; bytes: number }[] = [];
  const socket = await openUdpSocket({
    io: 'offload',
    bind,
    onDatagram: (_, bytes, mark) => received.push({ mark, bytes: bytes.length }),
    onError: () => undefined,
  });
  onTestFinished(() => socket.close());
  return { socket, received };
}

// RUDP-ECN-1, RUDP-ECN-2
describe.skipIf(!readsMarks)('a socket of the offload backend', () => {
  test.each(['127.0.0.1', '::1'])('reads the mark of every datagram on %s', async (host) => {
    const { socket, received } = await openNoting({ host: '::', port: 0 });
    const marker = openMarker(host);
    for (const mark of [0, 1, 2, 3, 3, 0] as const) marker.send(mark, { host, port: socket.local.port });
    await until(() => received.length === 6);
    const marks = received.map(({ mark }) => mark ?? -1);
    expect(marks.toSorted((a, b) => a - b)).toEqual([0, 0, 1, 2, 3, 3]);
    expect(socket.statistics()).toMatchObject({ isEcnCapable: true, receiveCalls: 6 });
  });

  test.each(['127.0.0.1', '::1'])('marks the trains that are to be marked, on %s', async (host) => {
    const { socket, received } = await openNoting({ host: '::', port: 0 });
    const sender = await openUdpSocket({
      io: 'offload',
      connect: { host, port: socket.local.port },
      onDatagram: () => undefined,
      onError: () => undefined,
    });
    onTestFinished(() => sender.close());
    const remote = { host, port: socket.local.port };
    for (const [index, isEcnCapable] of [false, true, true, false, true].entries())
      sender.send(patternBytes(100 + index), { segmentBytes: 1200, remote, isEcnCapable }, () => undefined);
    await until(() => received.length === 5);
    expect(received.toSorted((a, b) => a.bytes - b.bytes)).toEqual([
      { mark: EcnMark.none, bytes: 100 },
      { mark: EcnMark.ect0, bytes: 101 },
      { mark: EcnMark.ect0, bytes: 102 },
      { mark: EcnMark.none, bytes: 103 },
      { mark: EcnMark.ect0, bytes: 104 },
    ]);
  });

  test.each([
    ['refuses a filter', { sortByMark: refuse }],
    ['runs out of descriptors', { openUdp: refuseAfter(2, (family) => libc.openUdp(family)) }],
  ])('that cannot be opened, because the system %s, leaves nothing behind', async (_, changes) => {
    const open = new Set<number>();
    const watched: Libc = {
      ...libc,
      ...changes,
      close: (fd) => {
        open.delete(fd);
        libc.close(fd);
      },
    };
    const { openUdp } = watched;
    const counting: Libc = {
      ...watched,
      openUdp: (family) => {
        const fd = openUdp(family);
        open.add(fd);
        return fd;
      },
    };
    const options = { onDatagram: () => undefined, onError: () => undefined };
    const bind = { host: '127.0.0.1', port: 0 };
    await expect(openMarkedSocket(counting, { ...options, bind })).rejects.toThrow('refused');
    expect(open.size).toBe(0);
  });
});

function refuse(): never {
  throw new Error('refused');
}

function refuseAfter(count: number, call: (family: number) => number): (family: number) => number {
  let calls = 0;
  return (family) => (++calls > count ? refuse() : call(family));
}

// RUDP-ECN-4
describe.skipIf(!readsMarks)('a connection over such sockets', () => {
  const megabyte = patternBytes(1_000_000);

  test('finds its path capable in both directions', async () => {
    const pair = await openPair({ listen: { io: 'offload' }, connect: { io: 'offload' } });
    pair.server.end(megabyte);
    expect((await readAll(pair.client)).equals(megabyte)).toBe(true);
    pair.client.end(megabyte);
    expect((await readAll(pair.server)).equals(megabyte)).toBe(true);
    expect(pair.server.statistics()).toMatchObject({ ecnState: 'capable', congestionMarks: 0 });
    expect(pair.client.statistics()).toMatchObject({ ecnState: 'capable', congestionMarks: 0 });
  });

  test('goes on unmarked where the peer cannot read marks', async () => {
    const pair = await openPair({ listen: { io: 'offload' }, connect: { io: 'portable' } });
    pair.server.end(megabyte);
    expect((await readAll(pair.client)).equals(megabyte)).toBe(true);
    expect(pair.server.statistics()?.ecnState).toBe('failed');
    expect(pair.client.statistics()?.ecnState).toBe('off');
  });

  test('marks nothing when the settings forbid it', async () => {
    const io = 'offload';
    const pair = await openPair({ listen: { io, config: { isEcnEnabled: false } }, connect: { io } });
    pair.server.end(megabyte);
    expect((await readAll(pair.client)).equals(megabyte)).toBe(true);
    expect(pair.server.statistics()?.ecnState).toBe('off');
  });

  test('is told of the marks that a queue on the way sets', async () => {
    const listener = await startListener({ io: 'offload', config: { datagramBytesMax: 1200 } });
    const queue = await openMarkingQueue(listener.address());
    const client = startClient(listener, { ...queue.local, io: 'offload' });
    const [server] = (await once(listener, 'connection')) as [RudpConnection];
    server.end(megabyte.subarray(0, 100_000));
    expect((await readAll(client)).length).toBe(100_000);
    expect(client.statistics()?.congestionMarks).toBeGreaterThan(50);
    expect(server.statistics()?.ecnState).toBe('capable');
  });
});

/** Passes datagrams on between one client and a server, and marks all that are marked and go to the client for congestion. */
async function openMarkingQueue(server: RemoteAddress) {
  let client = server;
  const handlers = { onError: () => undefined };
  const marking: Libc = {
    ...libc,
    setOption: (fd, option, value) => {
      const isMark = option === SocketOption.ipTypeOfService && value === EcnMark.ect0;
      libc.setOption(fd, option, isMark ? EcnMark.congestion : value);
    },
  };
  const pass = (to: UdpSocket, remote: RemoteAddress, bytes: Uint8Array, mark: EcnMark | undefined) =>
    to.send(
      bytes.slice(),
      { segmentBytes: bytes.length, remote, isEcnCapable: mark === EcnMark.ect0 },
      () => undefined,
    );
  const front = await openMarkedSocket(marking, {
    ...handlers,
    bind: { host: '127.0.0.1', port: 0 },
    onDatagram: (remote, bytes, mark) => {
      client = remote;
      pass(back, server, bytes, mark);
    },
  });
  const back = await openUdpSocket({
    ...handlers,
    io: 'offload',
    connect: server,
    onDatagram: (_, bytes, mark) => pass(front, client, bytes, mark),
  });
  onTestFinished(() => Promise.all([front.close(), back.close()]).then(() => undefined));
  return front;
}
