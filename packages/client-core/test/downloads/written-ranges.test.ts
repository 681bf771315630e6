import { expect, test } from 'vitest';
import { writtenRanges } from '../../src/node/downloads/written-ranges.ts';

type Pair = readonly [number, number];

const ranges = (...pairs: readonly Pair[]) => pairs.map(([start, end]) => ({ start, end }));

/** Bytes of which none is 0, but for those of the holes. */
function bytesWith(byteLength: number, holes: readonly Pair[]): Uint8Array {
  const bytes = new Uint8Array(byteLength).fill(9);
  for (const [start, end] of holes) bytes.fill(0, start, end);
  return bytes;
}

const CASES: readonly (readonly [string, number, readonly Pair[], readonly Pair[]])[] = [
  ['nothing', 0, [], []],
  ['bytes without a hole', 2_000, [], [[0, 2_000]]],
  ['a hole alone', 2_000, [[0, 2_000]], []],
  ['a hole at the beginning', 2_000, [[0, 1_025]], [[1_025, 2_000]]],
  ['a hole at the end', 2_000, [[900, 2_000]], [[0, 900]]],
  [
    'a hole at no even place',
    5_000,
    [[1_001, 2_111]],
    [
      [0, 1_001],
      [2_111, 5_000],
    ],
  ],
  [
    'a hole as long as its blocks',
    4_096,
    [[1_024, 2_048]],
    [
      [0, 1_024],
      [2_048, 4_096],
    ],
  ],
  [
    'holes that are close',
    6_000,
    [
      [512, 1_536],
      [1_537, 2_600],
    ],
    [
      [0, 512],
      [1_536, 1_537],
      [2_600, 6_000],
    ],
  ],
  ['zeros that are too few for a hole', 3_000, [[600, 1_100]], [[0, 3_000]]],
];

test.each(CASES)('what was written of %s', (_, byteLength, holes, expected) => {
  expect(writtenRanges(bytesWith(byteLength, holes), 0)).toEqual(ranges(...expected));
});

test('places are those in the file', () => {
  expect(writtenRanges(bytesWith(2_048, [[512, 2_048]]), 10_000)).toEqual(ranges([10_000, 10_512]));
});
