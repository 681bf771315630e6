import { expect, test } from 'vitest';
import { cellsIn, parseResults } from '../src/grid/results.ts';
import { peerTable, ratioTable } from '../src/page/tables.ts';

const run = (peer: string, goodputMbps: number, repetition: number) => ({
  ...{
    peer,
    profile: 'rate=100,rtt=2,loss=1',
    repetition,
    seconds: 6,
    cpuSeconds: 1,
    megabytesPerCpuSecond: 1,
  },
  ...{ goodputMbps, steadyMbps: goodputMbps, wireRatio: 1.1, bytes: 1, firstBytesMs: 3 },
});
const text = [
  { machine: { processor: 'one', cores: 2, memoryGiB: 4, system: 'linux' }, versions: { node: '24' } },
  { cell: 'rate=100,rtt=2,loss=1', missedPackets: 3 },
  { peer: 'utp', profile: 'rate=100,rtt=2,loss=1', missing: 'npm package' },
  run('parley', 90, 1),
  run('udx', 60, 1),
  run('parley', 94, 2),
  { peer: 'udx', profile: 'rate=100,rtt=2,loss=1', repetition: 2, error: 'it ended' },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

test('a results file tells which cells it has, what failed, what is missing and what to distrust', () => {
  expect([...cellsIn(text)]).toEqual(['rate=100,rtt=2,loss=1']);
  const results = parseResults(text);
  expect(results.failures).toMatchObject([{ peer: 'udx', error: 'it ended' }]);
  expect(results.missing).toMatchObject([{ peer: 'utp' }]);
  expect([...results.distrusted]).toEqual([['rate=100,rtt=2,loss=1', 3]]);
});

test('tables give medians with their spread, the best in bold, and ratios of medians', () => {
  const { summaries } = parseResults(text);
  expect(peerTable(summaries, 'goodputMbps').split('\n')[2]).toBe(
    '| rate=100,rtt=2,loss=1 | **92.0** (90.0–94.0) | 60.0 |',
  );
  expect(ratioTable(summaries, 'goodputMbps').split('\n')).toEqual([
    '| link | parley : udx |',
    '| --- | --- |',
    '| rate=100,rtt=2,loss=1 | 1.53 |',
    '| **median** | 1.53 |',
  ]);
});
