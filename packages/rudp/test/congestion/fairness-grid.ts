/**
 * Shares of flows at one bottleneck, the real transport in virtual time, one line per cell: 1 is a fair share. Not part of the tests.
 *   pnpm --filter @parley/rudp fairness-grid [flows=bbr+cubic,cubic+bbr] [rate=20] [rtt=50] [queue=1,4] [seconds=30] [seeds=1] [lead=MS]
 * `queue` is in BDP; flows start in the order in which they are named, two round trips apart, or `lead`.
 */
import { type CongestionControllerName, parseConfig } from '../../src/core/index.ts';
import { jainIndex, runContest } from './fairness.ts';

const settings = new Map(process.argv.slice(2).map((pair) => pair.split('=') as [string, string]));
const list = (name: string, fallback: string) => (settings.get(name) ?? fallback).split(',');
const numbers = (name: string, fallback: string) => list(name, fallback).map(Number);
const seconds = Number(settings.get('seconds') ?? 30);
const leadMs = settings.has('lead') ? Number(settings.get('lead')) : undefined;
const rounded = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' ');

for (const flows of list('flows', 'cubic+cubic,bbr+bbr,bbr+bbr+bbr+bbr,bbr+cubic,cubic+bbr')) {
  const controllers = flows.split('+') as CongestionControllerName[];
  for (const congestionController of controllers) parseConfig({ congestionController });
  for (const rateMbps of numbers('rate', '20')) {
    for (const rttMs of numbers('rtt', '50')) {
      for (const queueBdp of numbers('queue', '1,4')) {
        for (let seed = 1; seed <= Number(settings.get('seeds') ?? 1); seed += 1) {
          const shares = runContest({ controllers, rateMbps, rttMs, queueBdp, seconds, seed, leadMs });
          console.log(
            `${flows} ${rateMbps} Mbit/s ${rttMs} ms queue ${queueBdp} BDP seed ${seed}:`,
            `shares ${rounded(shares.whole)}, after a third ${rounded(shares.late)},`,
            `Jain ${jainIndex(shares.late).toFixed(3)}, line ${shares.utilization.toFixed(3)}`,
          );
        }
      }
    }
  }
}
