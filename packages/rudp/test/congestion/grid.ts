/**
 * Figures of the congestion controller over the path model, one JSON line per cell; too long for the tests.
 *   pnpm --filter @parley/rudp congestion-grid rate=100,500 rtt=2,50,200 loss=0,1,5 queue=1 seconds=12 busy=1 seeds=1 flows=1
 * These are the defaults; busy=2 is a machine with several programs for each core. `queue` is in bandwidth-delay products, or in bytes above 1000; the second half is the steady state.
 */
import { CellRun, jainIndex } from './measure.ts';
import { BUSY_STALLS, STARVED_STALLS } from './path-model.ts';

const settings = new Map(process.argv.slice(2).map((pair) => pair.split('=') as [string, string]));
const list = (name: string, fallback: string) => (settings.get(name) ?? fallback).split(',').map(Number);
const one = (name: string, fallback: number) => list(name, `${fallback}`)[0] ?? fallback;
const rounded = (value: number) => Number(value.toPrecision(4));

function measure(rateMbps: number, rttMs: number, lossPercent: number, queue: number, seed: number): object {
  const bdpBytes = rateMbps * 125 * rttMs;
  const run = new CellRun({
    rateMbps,
    rttMs,
    lossRatio: lossPercent / 100,
    queueBytes: queue > 1000 ? queue : Math.max(queue * bdpBytes, 65_536),
    stalls: [undefined, BUSY_STALLS, STARVED_STALLS][one('busy', 1)],
    seed,
  });
  for (let index = 0; index < one('flows', 1); index += 1) run.addBbr(index * 500);
  const halfMs = one('seconds', 12) * 500;
  const first = run.run(halfMs);
  const steady = run.run(halfMs);
  return {
    rateMbps,
    rttMs,
    lossPercent,
    queue,
    seed,
    whole: rounded((first.utilization + steady.utilization) / 2),
    steady: rounded(steady.utilization),
    wireRatio: rounded(steady.wireRatio),
    dropRatio: rounded(steady.dropRatio),
    firstHalfWireRatio: rounded(first.wireRatio),
    queueRtts: rounded(steady.queueRtts),
    jain: rounded(jainIndex(steady.flowsMbps)),
  };
}

for (const rateMbps of list('rate', '100,500')) {
  for (const rttMs of list('rtt', '2,50,200')) {
    for (const lossPercent of list('loss', '0,1,5')) {
      for (const queue of list('queue', '1')) {
        for (let seed = 1; seed <= one('seeds', 1); seed += 1) {
          console.log(JSON.stringify(measure(rateMbps, rttMs, lossPercent, queue, seed)));
        }
      }
    }
  }
}
