import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ArrivalClock } from '../../src/node/offload/arrival-clock.ts';
import { Errno } from '../../src/node/offload/errno.ts';
import { AddressFamily, type Libc } from '../../src/node/offload/libc.ts';
import type { ReceivedMessages } from '../../src/node/offload/message-batch.ts';
import { ReceiveQueue } from '../../src/node/offload/receive-queue.ts';

const MESSAGES_PER_READ = 8;

/** A queue whose kernel the test plays: texts wait in it, and reads of many bring eight. */
function openQueue(waiting: string[], isBatching = true) {
  const calls: string[] = [];
  const received: string[] = [];
  const errors: (string | undefined)[] = [];
  const state = { errno: Errno.again as number };
  const libc = {
    receiveNow: (_: number, bytes: Uint8Array) => {
      const text = waiting.shift();
      return text === undefined ? -1 : new TextEncoder().encodeInto(text, bytes).written;
    },
    receiveMessages: (): ReceivedMessages => {
      const texts = waiting.splice(0, MESSAGES_PER_READ);
      calls.push(`read ${texts.length}`);
      return {
        count: texts.length,
        isFull: texts.length === MESSAGES_PER_READ,
        bytesOf: (index) => new TextEncoder().encode(texts[index]),
        addressOf: () => new Uint8Array(16),
        isWhole: () => true,
        receivedAtWallMs: () => undefined,
        segmentBytesOf: () => undefined,
      };
    },
    setOption: (_: number, [level, name]: readonly number[], value: number) =>
      calls.push(`${level} ${name} ${value}`),
    receivedAtWallMs: () => undefined,
    lastErrno: () => state.errno,
  } as unknown as Libc;
  const queue: ReceiveQueue = new ReceiveQueue(
    { libc, clock: new ArrivalClock(libc), fd: 3, family: AddressFamily.ipv4, isBatching },
    {
      connect: { host: '127.0.0.1', port: 1 },
      onDatagram: (_, bytes) => {
        const text = new TextDecoder().decode(bytes);
        if (text === 'stop') queue.stop();
        received.push(text);
      },
      onError: ({ code }) => errors.push(code),
    },
  );
  return { queue, calls, received, errors, state };
}

const texts = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe('a queue behind a socket that wakes somebody', () => {
  test.each([true, false])('is emptied when nothing more comes, many at a time: %s', (isBatching) => {
    const { queue, received } = openQueue(texts(200), isBatching);
    queue.drain();
    queue.empty();
    expect(received).toEqual(texts(200));
  });

  test('reads a few one by one', () => {
    const { queue, calls, received } = openQueue(texts(2));
    queue.drain();
    expect(received).toEqual(texts(2));
    expect(calls).toEqual([]);
    expect(queue.reads).toBe(2);
  });

  test('reads a crowd many at a time, and lets the times come with it only meanwhile', () => {
    const { queue, calls, received } = openQueue(texts(13));
    queue.drain();
    expect(received).toEqual(texts(13));
    expect(calls).toEqual(['1 35 1', 'read 8', 'read 2', '1 35 0']);
    expect(queue.reads).toBe(5);
  });

  test('reads one by one where there is no reading of many', () => {
    const { queue, calls, received } = openQueue(texts(13), false);
    queue.drain();
    expect(received).toEqual(texts(13));
    expect(calls).toEqual([]);
  });

  test.each([true, false])(
    'rests when it is time to answer, and goes on in the next turn (many at a time: %s)',
    async (isBatching) => {
      const { queue, received } = openQueue(texts(100), isBatching);
      queue.drain();
      const readByThen = received.length;
      expect(readByThen).toBeGreaterThanOrEqual(32);
      expect(readByThen).toBeLessThan(40);
      queue.drain();
      expect(received.length).toBe(readByThen);
      await nextTurn();
      queue.drain();
      expect(received.length).toBeGreaterThan(readByThen);
    },
  );

  test.each([1, 5])('leaves a socket alone that is closed by whoever takes datagram %s', (index) => {
    const { queue, calls, received } = openQueue(texts(20).with(index, 'stop'));
    queue.drain();
    expect(received).toEqual([...texts(index), 'stop']);
    // Its number may be somebody else's.
    expect(calls).not.toContain('1 35 0');
  });

  test('reports what fails, and nothing when nothing waits', () => {
    const { queue, errors, state } = openQueue([]);
    queue.drain();
    state.errno = Errno.ioError;
    queue.drain();
    expect(errors).toEqual(['EIO']);
  });
});
