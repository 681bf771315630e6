// Who moves how much, in virtual time.
import { expect, test } from 'vitest';
import { FairShares, type RateLimits } from '../../src/core/stream/fair-shares.ts';

interface Mover {
  readonly owner: string;
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Between a turn and the next question. */
  readonly busyMs?: number;
}

const many = (count: number, mover: Mover): Mover[] => Array.from({ length: count }, () => ({ ...mover }));

/**
 * Bytes of each owner, when these flows ask whenever they can and every timer comes `lateMs` late. On a busy machine the thread has
 * its turn every `tickMs` only.
 */
function run(
  limits: RateLimits,
  movers: readonly Mover[],
  forMs: number,
  { lateMs = 3, tickMs = 0 }: { readonly lateMs?: number; readonly tickMs?: number } = {},
): (owner: string) => number {
  const shares = new FairShares<Mover>(limits, 0);
  const asks = movers.map((mover) => ({ mover, at: mover.fromMs ?? 0 }));
  const bytes = new Map<string, number>();
  let now = 0;
  while (now < forMs) {
    for (const ask of asks) {
      if (ask.at > now) continue;
      ask.at = Number.POSITIVE_INFINITY;
      if (now < (ask.mover.untilMs ?? forMs)) shares.ask(ask.mover.owner, ask.mover, now);
    }
    for (let turn = shares.pollTurn(now); turn !== undefined; turn = shares.pollTurn(now)) {
      const { flow: mover, byteLength } = turn;
      bytes.set(mover.owner, (bytes.get(mover.owner) ?? 0) + byteLength);
      for (const ask of asks) if (ask.mover === mover) ask.at = now + (mover.busyMs ?? 0.1);
    }
    const deadline = shares.deadline(now);
    const wakeAt = deadline === undefined ? Number.POSITIVE_INFINITY : deadline + lateMs;
    now = Math.max(now, Math.min(wakeAt, ...asks.map(({ at }) => at)));
    if (tickMs > 0) now = Math.ceil(now / tickMs) * tickMs;
  }
  return (owner) => bytes.get(owner) ?? 0;
}

test.each([100_000, 5_000_000, 100_000_000, 1_000_000_000])(
  'all get %i bytes a second, and not more',
  (rate) => {
    const bytes = run({ bytesPerSecondMax: rate }, [{ owner: 'ann' }, ...many(3, { owner: 'bob' })], 10_000);
    const total = bytes('ann') + bytes('bob');
    expect(total / rate / 10).toBeLessThan(1.02);
    expect(total / rate / 10).toBeGreaterThan(0.98);
  },
);

test.each([100_000, 5_000_000, 50_000_000, 1_000_000_000])(
  'at %i bytes a second ten flows get as much as one',
  (rate) => {
    const movers = [...many(10, { owner: 'greedy' }), { owner: 'modest' }];
    const bytes = run({ bytesPerSecondMax: rate }, movers, 10_000);
    const share = bytes('modest') / (bytes('modest') + bytes('greedy'));
    expect(share).toBeGreaterThan(0.48);
    expect(share).toBeLessThan(0.52);
  },
);

test.each([15, 30, 45, 90])(
  'on a machine that has time every %i ms ten flows get as much as one',
  (tickMs) => {
    const movers = [...many(10, { owner: 'greedy' }), { owner: 'modest' }];
    const bytes = run({ bytesPerSecondMax: 20_000_000 }, movers, 10_000, { tickMs });
    const total = bytes('modest') + bytes('greedy');
    expect(bytes('modest') / total).toBeGreaterThan(0.48);
    expect(bytes('modest') / total).toBeLessThan(0.52);
    expect(total / 200_000_000).toBeGreaterThan(0.97);
    expect(total / 200_000_000).toBeLessThan(1.02);
  },
);

test('what one does not take the others get', () => {
  // A slow line: a turn each 100 ms, 1 MB a second.
  const movers = [{ owner: 'slow', busyMs: 100 }, { owner: 'fast' }];
  const bytes = run({ bytesPerSecondMax: 10_000_000 }, movers, 10_000);
  expect(bytes('slow')).toBeGreaterThan(8_000_000);
  expect(bytes('fast')).toBeGreaterThan(88_000_000);
});

test('an owner gets what one may get, with however many flows', () => {
  const movers = [{ owner: 'ann' }, ...many(5, { owner: 'bob' })];
  const bytes = run({ bytesPerSecondPerOwnerMax: 2_000_000 }, movers, 10_000);
  for (const owner of ['ann', 'bob']) {
    expect(bytes(owner)).toBeGreaterThan(19_500_000);
    expect(bytes(owner)).toBeLessThan(20_300_000);
  }
});

test('whose turns are a little apart does not get more than one may get', () => {
  const bytes = run({ bytesPerSecondPerOwnerMax: 2_000_000 }, [{ owner: 'ann', busyMs: 9 }], 10_000);
  expect(bytes('ann')).toBeGreaterThan(19_500_000);
  expect(bytes('ann')).toBeLessThan(20_300_000);
});

test('who comes later shares from then on, and does not catch up', () => {
  const movers = [{ owner: 'early' }, { owner: 'late', fromMs: 5_000 }];
  const bytes = run({ bytesPerSecondMax: 10_000_000 }, movers, 10_000);
  expect(bytes('late')).toBeGreaterThan(24_000_000);
  expect(bytes('late')).toBeLessThan(26_000_000);
});

test('who was at rest comes back to its share, and not to more', () => {
  const movers = [{ owner: 'ann' }, { owner: 'bob', untilMs: 1_000 }, { owner: 'bob', fromMs: 9_000 }];
  const bytes = run({ bytesPerSecondMax: 10_000_000 }, movers, 10_000);
  expect(bytes('bob')).toBeGreaterThan(9_000_000);
  expect(bytes('bob')).toBeLessThan(11_000_000);
});

test('flows of one owner take turns', () => {
  const shares = new FairShares<string>({ bytesPerSecondMax: 1_000_000 }, 0);
  shares.ask('ann', 'one', 0);
  shares.ask('ann', 'two', 0);
  expect(shares.pollTurn(0)?.flow).toBe('one');
  shares.ask('ann', 'one', 0);
  expect([shares.pollTurn(20)?.flow, shares.pollTurn(20)?.flow]).toEqual(['two', 'one']);
});

test('what a flow did not use of its turn somebody else gets', () => {
  const shares = new FairShares<string>({ bytesPerSecondMax: 1_000_000 }, 0);
  shares.ask('ann', 'one', 0);
  shares.ask('bob', 'two', 0);
  expect([shares.pollTurn(0)?.flow, shares.pollTurn(0)]).toEqual(['one', undefined]);
  shares.withdraw('ann', 'one', shares.turnBytes);
  expect(shares.pollTurn(0)?.flow).toBe('two');
});

test('who has withdrawn gets nothing, and who is at rest is forgotten once there is no debt', () => {
  const limits = { bytesPerSecondMax: 1_000_000, bytesPerSecondPerOwnerMax: 1_000_000 };
  const shares = new FairShares<string>(limits, 0);
  shares.ask('ann', 'one', 0);
  expect(shares.pollTurn(0)?.flow).toBe('one');
  shares.ask('ann', 'one', 0);
  shares.withdraw('ann', 'one', 0);
  expect(shares.pollTurn(20)).toBeUndefined();
  expect([shares.deadline(0), shares.ownerCount]).toEqual([undefined, 1]);
  expect([shares.deadline(999), shares.ownerCount]).toEqual([undefined, 1]);
  expect([shares.deadline(1_000), shares.ownerCount]).toEqual([undefined, 0]);
});

test('a thousand who come once each leave nothing behind', () => {
  const shares = new FairShares<number>({ bytesPerSecondMax: 1_000_000 }, 0);
  shares.ask('constant', -1, 0);
  for (let number = 0; number < 1_000; number += 1) {
    shares.ask(`user-${number}`, number, number * 20);
    while (shares.pollTurn(number * 20) !== undefined) shares.ask('constant', -1, number * 20);
    shares.deadline(number * 20);
  }
  expect(shares.ownerCount).toBeLessThan(100);
});

test('who is new takes turns from the first on, and has no claim to those that others had', () => {
  const shares = new FairShares<string>({ bytesPerSecondMax: 1_000_000 }, 0);
  const turns: (string | undefined)[] = [];
  shares.ask('ann', 'ann', 0);
  for (let now = 0; now < 600; now += 10) {
    if (now === 400) shares.ask('new', 'new', now);
    const owner = shares.pollTurn(now)?.flow;
    turns.push(owner);
    if (owner !== undefined) shares.ask(owner, owner, now);
  }
  expect(turns.slice(-16).filter((owner) => owner === 'new')).toHaveLength(8);
  expect(turns.slice(40, 44).filter((owner) => owner === 'new')).toHaveLength(2);
});

test('who was late for some turns catches up', () => {
  // 60 ms of each 100 ms it asks for nothing.
  const late = Array.from({ length: 100 }, (_, number) => ({
    owner: 'late',
    fromMs: number * 100,
    untilMs: number * 100 + 60,
  }));
  const bytes = run({ bytesPerSecondMax: 10_000_000 }, [{ owner: 'steady' }, ...late], 10_000);
  expect(bytes('late') / 50_000_000).toBeGreaterThan(0.9);
});
