import { seededRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { type Deadlined, DeadlineQueue } from '../src/domain/deadline-queue.ts';
import { InvariantError, invariant } from '../src/domain/errors.ts';
import { toShownText } from '../src/domain/shown-text.ts';
import { TokenBucket } from '../src/domain/token-bucket.ts';
import { refusalAlert } from '../src/node/connections/tls-records.ts';

describe('a token bucket', () => {
  test('gives its burst at once, then refills at its rate up to the burst', () => {
    const bucket = new TokenBucket({ burst: 2, perSecond: 10 }, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 100]);
    expect([bucket.take(99), bucket.take(100)]).toEqual([1, 0]);
    expect([bucket.take(1_000_000), bucket.take(1_000_000), bucket.take(1_000_000)]).toEqual([0, 0, 100]);
  });

  test('a refusal costs nothing', () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, 0);
    bucket.take(0);
    for (let now = 0; now < 1_000; now += 10) expect(bucket.take(now)).toBe(1_000 - now);
    expect(bucket.take(1_000)).toBe(0);
  });
});

describe('a deadline queue', () => {
  test('gives the earliest of what is due, whatever was added, moved and removed', () => {
    const random = seededRandom(20_261_122);
    const queue = new DeadlineQueue<Deadlined>();
    const items = Array.from({ length: 50 }, () => ({ deadline: 0, deadlineIndex: -1 }));
    const scheduled = new Map<Deadlined, number>();
    for (let step = 0; step < 5_000; step += 1) {
      const item = items[Math.floor(random() * items.length)] as Deadlined;
      if (random() < 0.3) {
        queue.remove(item);
        scheduled.delete(item);
      } else {
        const deadline = Math.floor(random() * 1_000);
        queue.schedule(item, deadline);
        scheduled.set(item, deadline);
      }
      const earliest = scheduled.size === 0 ? undefined : Math.min(...scheduled.values());
      expect(queue.next).toBe(earliest);
      expect(queue.size).toBe(scheduled.size);
      if (earliest !== undefined) {
        expect(queue.due(earliest - 1)).toBeUndefined();
        expect(queue.due(earliest)?.deadline).toBe(earliest);
      }
    }
  });
});

// CHAT-LEAVE-1
test.each([
  ['fine', 'fine'],
  ['  a \r\n b\u0000\u001b[31m ', 'a   b [31m'],
  ['a\ud800b', 'a\ufffdb'],
  ['x'.repeat(30), 'x'.repeat(20)],
  ['🦜'.repeat(6), '🦜'.repeat(5)],
])('%j is shown as %j within 20 bytes', (text, shown) => {
  expect(toShownText(text, 20)).toBe(shown);
});

test('an invariant says what was expected', () => {
  expect(() => invariant(false, 'the sky is up')).toThrow(InvariantError);
  expect(() => invariant(false, 'the sky is up')).toThrow('expected that the sky is up');
});

// CHAT-TLS-4
test('an alert turns away whom the door refuses', () => {
  expect(Buffer.from(refusalAlert('address-limit')).toString('hex')).toBe('15030300020231');
  expect(Buffer.from(refusalAlert('connection-rate')).toString('hex')).toBe('15030300020231');
  expect(Buffer.from(refusalAlert('server-full')).toString('hex')).toBe('15030300020250');
});
