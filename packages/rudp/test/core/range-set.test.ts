import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RangeSet } from '../../src/core/structures/range-set.ts';
import { checkProperty } from '../support/properties.ts';

const UNIVERSE = 40;

function rangesOf(set: RangeSet): [number, number][] {
  return Array.from({ length: set.count }, (_, index) => [set.startAt(index), set.endAt(index)]);
}

/** The ranges of a plain set, the slow and obvious way. */
function rangesOfModel(model: ReadonlySet<number>): [number, number][] {
  const ranges: [number, number][] = [];
  for (let value = 0; value < UNIVERSE; value += 1) {
    if (!model.has(value)) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === value) last[1] = value + 1;
    else ranges.push([value, value + 1]);
  }
  return ranges;
}

const range = fc
  .tuple(fc.integer({ min: 0, max: UNIVERSE }), fc.integer({ min: 0, max: UNIVERSE }))
  .map(([one, other]): [number, number] => [Math.min(one, other), Math.max(one, other)]);

const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), range }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), range }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove-first' as const), range }) },
);

test('behaves like a plain set of integers under any sequence of changes', () => {
  checkProperty(
    fc.property(fc.array(operation, { maxLength: 40 }), range, (operations, [from, to]) => {
      const set = new RangeSet();
      let model = new Set<number>();
      for (const { kind, range: changed } of operations) {
        const [start, end] = changed;
        if (kind === 'add') {
          set.add(start, end);
          for (let value = start; value < end; value += 1) model.add(value);
        } else if (kind === 'remove') {
          set.remove(start, end);
          for (let value = start; value < end; value += 1) model.delete(value);
        } else {
          const first = rangesOfModel(model)[0];
          model = new Set([...model].filter((value) => first === undefined || value >= first[1]));
          set.removeFirst();
        }
        expect(rangesOf(set)).toEqual(rangesOfModel(model));
      }
      for (let value = -1; value <= UNIVERSE; value += 1) expect(set.has(value)).toBe(model.has(value));
      expect(set.isEmpty).toBe(model.size === 0);
      const missing: number[] = [];
      set.forEachMissing(from, to, (start, end) => {
        expect(start).toBeLessThan(end);
        for (let value = start; value < end; value += 1) missing.push(value);
      });
      const expected = Array.from({ length: to - from }, (_, index) => from + index);
      expect(missing).toEqual(expected.filter((value) => !model.has(value)));
    }),
    { runs: 500 },
  );
});

test('merges ranges that touch and keeps those that do not', () => {
  const set = new RangeSet();
  set.add(10, 20);
  set.add(21, 30);
  expect(rangesOf(set)).toEqual([
    [10, 20],
    [21, 30],
  ]);
  set.add(20, 21);
  expect(rangesOf(set)).toEqual([[10, 30]]);
});

test('takes an empty range for nothing', () => {
  const set = new RangeSet();
  set.add(5, 5);
  set.add(6, 4);
  expect(set.isEmpty).toBe(true);
  set.add(0, 10);
  set.remove(5, 5);
  expect(rangesOf(set)).toEqual([[0, 10]]);
});

test('holds numbers near 2^53', () => {
  const set = new RangeSet();
  const top = Number.MAX_SAFE_INTEGER;
  set.add(top - 4, top - 2);
  set.add(top - 2, top);
  expect(rangesOf(set)).toEqual([[top - 4, top]]);
  expect(set.has(top - 1)).toBe(true);
  expect(set.has(top)).toBe(false);
});
