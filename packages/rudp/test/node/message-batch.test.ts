import { describe, expect, onTestFinished, test } from 'vitest';
import { ArrivalClock } from '../../src/node/offload/arrival-clock.ts';
import { BatchQueue } from '../../src/node/offload/batch-queue.ts';
import { openDescriptor } from '../../src/node/offload/descriptor-group.ts';
import { Errno } from '../../src/node/offload/errno.ts';
import { type Libc, SocketOption } from '../../src/node/offload/libc.ts';
import { MessageBatch, type ReceivedMessages } from '../../src/node/offload/message-batch.ts';
import { findOffload } from '../../src/node/offload/probe.ts';
import {
  addressBytesOf,
  decodeSocketAddress,
  encodeSocketAddress,
  familyOf,
} from '../../src/node/offload/socket-address.ts';
import { patternBytes } from './loopback.ts';

const offload = findOffload();
const readsMarks = 'libc' in offload && offload.readsMarks;
const libc = ('libc' in offload ? offload.libc : undefined) as Libc;

/** Two sockets of this machine; the second one notes times. */
function openSockets(host: string) {
  const open = () => {
    const fd = openDescriptor(libc, host);
    onTestFinished(() => libc.close(fd));
    libc.bind(fd, encodeSocketAddress(libc, { host, port: 0 }));
    return { fd, address: libc.localAddress(fd, addressBytesOf(familyOf(host))) };
  };
  const [sender, receiver] = [open(), open()];
  libc.setOption(receiver.fd, SocketOption.receiveTime, 1);
  return {
    sender: decodeSocketAddress(libc, sender.address),
    receiver: receiver.fd,
    send: (bytes: Uint8Array, segmentBytes = 0) => {
      libc.setOption(sender.fd, SocketOption.udpSegment, segmentBytes);
      expect(libc.send(sender.fd, bytes, receiver.address)).toBe(Errno.none);
    },
  };
}

/** On a busy machine the kernel hands over some of what was sent a little later: then all is done again, with other sockets. */
function untilAllArrived<Outcome>(attempt: () => Outcome | undefined): Outcome {
  for (;;) {
    const outcome = attempt();
    if (outcome !== undefined) return outcome;
  }
}

/** All that waits in a socket, as one read after the other brings it; the sizes of joined datagrams go to `segmentSizes`. */
function readAll(fd: number, segmentSizes: (number | undefined)[] = []): Uint8Array[][] {
  const reads: Uint8Array[][] = [];
  for (;;) {
    const received = libc.receiveMessages(fd);
    if (received.count === 0) return reads;
    reads.push(Array.from({ length: received.count }, (_, index) => received.bytesOf(index).slice()));
    for (let index = 0; index < received.count; index += 1) segmentSizes.push(received.segmentBytesOf(index));
  }
}

describe.skipIf(!readsMarks)('a read of many messages', () => {
  test.each(['127.0.0.1', '::1'])('brings all that wait, each with its sender, on %s', (host) => {
    const sizes = [1, 1472, 0, 700, 1472];
    const { sender, receiver, received } = untilAllArrived(() => {
      const sockets = openSockets(host);
      // After a small one as many as possible are asked for.
      sockets.send(patternBytes(1));
      if (libc.receiveMessages(sockets.receiver).count === 0) return undefined;
      for (const size of sizes) sockets.send(patternBytes(size));
      const received = libc.receiveMessages(sockets.receiver);
      return received.count === sizes.length ? { ...sockets, received } : undefined;
    });
    expect(received.isFull).toBe(false);
    for (const [index, size] of sizes.entries()) {
      expect(received.bytesOf(index)).toEqual(Uint8Array.from(patternBytes(size)));
      expect(decodeSocketAddress(libc, received.addressOf(index))).toEqual(sender);
      expect(received.isWhole(index)).toBe(true);
      expect(received.segmentBytesOf(index)).toBe(size);
    }
    expect(libc.receiveMessages(receiver).count).toBe(0);
  });

  // RUDP-PKT-1
  test('finds datagrams that the kernel has joined in one message, and their size', () => {
    const train = patternBytes(40 * 1200 + 5);
    const { reads, segmentSizes } = untilAllArrived(() => {
      const { receiver, send } = openSockets('127.0.0.1');
      send(train, 1200);
      const segmentSizes: (number | undefined)[] = [];
      const reads = readAll(receiver, segmentSizes);
      return reads.length > 0 ? { reads, segmentSizes } : undefined;
    });
    expect(reads).toEqual([[Uint8Array.from(train)]]);
    expect(segmentSizes).toEqual([1200]);
  });

  test('tells more than it has room for in several reads, in order', () => {
    const reads = untilAllArrived(() => {
      const { receiver, send } = openSockets('127.0.0.1');
      libc.setOption(receiver, SocketOption.receiveBuffer, 4_000_000);
      for (let index = 0; index < 100; index += 1) send(Uint8Array.of(index));
      const reads = readAll(receiver);
      return reads.flat().length === 100 ? reads : undefined;
    });
    expect(reads.length).toBeLessThan(40);
    expect(reads.flat().map(([byte]) => byte)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test('knows when the kernel received each of them', () => {
    const { receiver, send } = openSockets('127.0.0.1');
    const clock = new ArrivalClock(libc);
    // The kernel begins to note times a moment after it was asked to.
    for (;;) {
      const times: number[] = [];
      for (let index = 0; index < 3; index += 1) {
        times.push(performance.now());
        send(Uint8Array.of(index));
        while (performance.now() < (times[index] as number) + 10);
      }
      const received = libc.receiveMessages(receiver);
      const arrivals = times.map((_, index) => clock.arrivalAt(received.receivedAtWallMs(index)));
      if (arrivals.some((arrivalMs, index) => (arrivalMs ?? 0) > (times[index] as number) + 9)) continue;
      for (const [index, sentAtMs] of times.entries()) expect(arrivals[index]).toBeGreaterThan(sentAtMs - 1);
      return;
    }
  });

  test('tells why it failed', () => {
    const fd = openDescriptor(libc, '127.0.0.1');
    libc.close(fd);
    expect(libc.receiveMessages(fd).count).toBe(-1);
    expect(libc.lastErrno()).toBe(9);
  });
});

/** The memory of a batch, with the kernel's part played by the test; offsets in words of 32 bits. */
function openBatch() {
  const views: (Uint8Array | Uint32Array)[] = [];
  const batch = new MessageBatch((view) => 0x7f00_0000_1000 + 0x1000_0000 * (views.push(view) - 1));
  const words = views[0] as Uint32Array;
  batch.prepare();
  const controlStart = ((words[8] as number) - 0x1000) / 4;
  /** As if the kernel had written these control messages, `bytes` of them, to message 0. */
  const writeControl = (control: readonly number[], bytes = control.length * 4) => {
    words.set(control, controlStart);
    words[10] = bytes;
    batch.settle(1);
  };
  return { batch, words, writeControl };
}

/** Length, 0, level, type; then the data. */
const TIME = [32, 0, 1, 35, 1_700_000_000, 0, 250_000_000, 0];
const SEGMENT_SIZE = [20, 0, 17, 104, 1472, 0];
const TIME_MS = 1_700_000_000_250;

describe('the memory for messages', () => {
  test('is laid out as the kernel reads it', () => {
    const { batch, words } = openBatch();
    expect(batch.headers).toBe(0x7f00_0000_1000);
    // Of the second message: name, its room, vector, one of them, control, its room; then the vector: payload and its room.
    const header = [...words.subarray(16, 32)];
    expect(header).toEqual([
      ...[0x1000 + 4 * (64 * 16 + 64 * 4 + 8), 0x7f00, 28, 0],
      ...[0x1000 + 4 * (64 * 16 + 4), 0x7f00, 1, 0],
      ...[0x1000 + 4 * (64 * 16 + 64 * 4 + 64 * 8 + 28), 0x7f00, 112, 0],
      ...[0, 0, 0, 0],
    ]);
    expect([...words.subarray(64 * 16 + 4, 64 * 16 + 8)]).toEqual([0x1000_1000 + 67_136, 0x7f00, 65_536, 0]);
  });

  test('is given back to the kernel whole for the next read', () => {
    const { batch, words, writeControl } = openBatch();
    writeControl(TIME);
    words[2] = 16;
    batch.prepare();
    expect([words[2], words[10]]).toEqual([28, 112]);
  });

  test.each([
    ['alone', TIME, TIME_MS],
    ['behind another', [...SEGMENT_SIZE, ...TIME], TIME_MS],
    ['of another level', [32, 0, 0, 35, 1, 0, 0, 0], undefined],
    ['that is too short for a time', [24, 0, 1, 35, 1, 0], undefined],
    ['without a length', [0, 0, 0, 0, ...TIME], undefined],
    ['that ends behind the room for it', [4000, 0, 1, 35, ...TIME], undefined],
    ['of no more than half a header', [16, 0], undefined],
    ['that is missing', [], undefined],
  ] as const)('finds the time in a control message %s', (_, control, expected) => {
    const { batch, writeControl } = openBatch();
    writeControl(control);
    expect(batch.receivedAtWallMs(0)).toBe(expected);
  });

  test.each([
    ['told alone', SEGMENT_SIZE, 0, 1472],
    ['told behind the time', [...TIME, ...SEGMENT_SIZE], 0, 1472],
    ['not told, since nothing was joined', TIME, 0, 5000],
    ['lost with other control messages', TIME, 0x08, undefined],
    ['of no use', [20, 0, 17, 104, 0, 0], 0, undefined],
  ] as const)('knows the size of datagrams that is %s', (_, control, flags, expected) => {
    const { batch, words, writeControl } = openBatch();
    words[14] = 5000;
    words[12] = flags;
    writeControl(control);
    expect(batch.segmentBytesOf(0)).toBe(expected);
  });

  test('looks at no control message behind what the kernel has written, nor behind the room', () => {
    const { batch, writeControl } = openBatch();
    writeControl(TIME);
    writeControl([...SEGMENT_SIZE, ...TIME], 24 + 28);
    expect(batch.receivedAtWallMs(0)).toBeUndefined();
    writeControl(TIME, 0xffff_ffff);
    expect(batch.receivedAtWallMs(0)).toBe(TIME_MS);
  });

  test('never shows more of a message than the room for it, and knows that it was cut', () => {
    const { batch, words } = openBatch();
    words[14] = 0xffff_ffff;
    words[12] = 0x20;
    batch.settle(1);
    expect(batch.bytesOf(0).length).toBe(65_536);
    expect(batch.isWhole(0)).toBe(false);
  });

  test('asks for few large messages, and for many small ones', () => {
    const { batch, words } = openBatch();
    const askedAfter = (bytes: number) => {
      words[14] = bytes;
      batch.settle(1);
      return batch.asked;
    };
    expect([65_536, 10_000, 4_096, 0].map(askedAfter)).toEqual([4, 26, 64, 64]);
  });
});

/** A queue of messages that the test makes up, each of them a text; 'cut' was cut. */
function openQueue(reads: (string[] | number)[], messagesMax = 100) {
  const received: string[] = [];
  const errors: (string | undefined)[] = [];
  const fake = {
    receiveMessages: (): ReceivedMessages => {
      const read = reads.shift() ?? [];
      const texts = typeof read === 'number' ? [] : read;
      return {
        count: typeof read === 'number' ? read : read.length,
        isFull: true,
        bytesOf: (index) => new TextEncoder().encode(texts[index]),
        addressOf: () => new Uint8Array(16),
        isWhole: (index) => texts[index] !== 'cut',
        receivedAtWallMs: () => undefined,
        segmentBytesOf: (index) => texts[index]?.length,
      };
    },
    lastErrno: () => Errno.ioError,
  } as unknown as Libc;
  const clock = new ArrivalClock(fake);
  const queue: BatchQueue = new BatchQueue(
    { libc: fake, clock, fd: 3, mark: 2, messagesMax },
    {
      connect: { host: '127.0.0.1', port: 1 },
      onDatagram: (_, bytes, mark) => {
        const text = new TextDecoder().decode(bytes);
        if (text === 'stop') queue.stop();
        received.push(`${text}${mark}`);
      },
      onError: ({ code }) => errors.push(code),
    },
  );
  return { queue, received, errors };
}

describe('a queue of messages', () => {
  test('hands on every message with the mark of its socket, but none that was cut', () => {
    const { queue, received } = openQueue([['a', 'cut', 'b'], ['c']]);
    queue.drain();
    expect(received).toEqual(['a2', 'b2', 'c2']);
    expect(queue).toMatchObject({ reads: 2, messages: 4 });
  });

  test('reports a failure, and goes on with the next read', () => {
    const { queue, received, errors } = openQueue([['a'], -1, ['b']]);
    queue.drain();
    expect(errors).toEqual(['EIO']);
    queue.drain();
    expect(received).toEqual(['a2', 'b2']);
  });

  test('stops in the middle of a read when whoever takes a message closes the socket', () => {
    const { queue, received } = openQueue([['a', 'stop', 'b'], ['c']]);
    queue.drain();
    expect(received).toEqual(['a2', 'stop2']);
  });

  test('ends when it is time to answer, and reads the rest later', () => {
    const { queue, received } = openQueue([['a', 'b'], ['c', 'd'], ['e']], 3);
    queue.drain();
    expect(received).toEqual(['a2', 'b2', 'c2', 'd2']);
    queue.drain();
    expect(received.at(-1)).toBe('e2');
  });
});
