/**
 * Figures of the congestion controller over the path model, one line per cell. Not part of the tests: minutes of CPU.
 *   node packages/rudp/test/congestion/grid.ts [rate=100,500] [rtt=2,50,200] [loss=0,1,5] [queue=1] [seconds=10] [late=1] [seeds=1]
 * `queue` is in BDP, or in bytes above 1000.
 */
import { createRandom } from '@parley/netsim';
import { BbrController } from '../../src/core/congestion/bbr/bbr.ts';
import { packetBytes } from './model-flow.ts';
import { busyEventLoop, PathModel } from './path-model.ts';

const settings = new Map(process.argv.slice(2).map((pair) => pair.split('=') as [string, string]));
const list = (name: string, fallback: string) => (settings.get(name) ?? fallback).split(',').map(Number);

function cell(rateMbps: number, rttMs: number, lossPercent: number, queue: number, seed: number): string {
  const seconds = list('seconds', rttMs >= 200 ? '12' : '6')[0] ?? 6;
  const bdpBytes = rateMbps * 125 * rttMs;
  const queueBytes = queue > 1000 ? queue : Math.max(queue * bdpBytes, 65_536);
  const random = createRandom(seed);
  const late = random.fork('late');
  const path = new PathModel({
    rateMbps,
    queueBytes,
    lossRatio: lossPercent / 100,
    random: () => random.ratio(),
    ...(list('late', '1')[0] ? { eventLoop: () => busyEventLoop(() => late.ratio()) } : {}),
  });
  const flow = path.addFlow(
    new BbrController({ maxDatagramBytes: packetBytes, random: () => random.ratio() }),
    rttMs,
  );
  const halfMs = seconds * 500;
  const trace = settings.has('trace');
  const started = process.cpuUsage();
  const limit = (bytes: number, ms: number) => bytes / (rateMbps * 125 * ms * (1 - lossPercent / 100));
  const step = Number(settings.get('trace') ?? 0) || halfMs;
  let before = 0;
  let half = { received: 0, sent: 0, queueByteMs: 0, dropped: 0 };
  for (let at = step; at <= halfMs * 2 + 0.001; at += step) {
    path.run(at);
    const c = flow.sender.controller as BbrController;
    if (trace) {
      console.log(
        `${at.toFixed(0).padStart(6)} ${c.state.padEnd(8)} ${limit(flow.receiver.receivedBytes - before, step).toFixed(3)} bw=${((c.bandwidth * 8) / 1e6).toFixed(1)} pace=${((c.pacingRate * 8) / 1e6).toFixed(1)} cwnd=${(c.congestionWindow / bdpBytes).toFixed(2)} inflight=${(flow.sender.bytesInFlight / bdpBytes).toFixed(2)} floor=${c.pathLossRatio.toFixed(3)} queue=${(path.queueBytes / bdpBytes).toFixed(2)} dropped=${(flow.queueDroppedBytes / bdpBytes).toFixed(2)} srtt=${flow.sender.rtt.smoothedMs.toFixed(1)}`,
      );
    }
    before = flow.receiver.receivedBytes;
    if (Math.abs(at - halfMs) < step / 2) {
      half = {
        received: before,
        sent: flow.sender.sentBytes,
        queueByteMs: path.queueByteMs,
        dropped: flow.queueDroppedBytes,
      };
    }
  }
  const cpu = process.cpuUsage(started);
  const queueRtts = (path.queueByteMs - half.queueByteMs) / halfMs / bdpBytes;
  const necessary = flow.receiver.receivedBytes / (1 - lossPercent / 100);
  return JSON.stringify({
    rateMbps,
    rttMs,
    lossPercent,
    queue,
    seed,
    whole: +limit(flow.receiver.receivedBytes, halfMs * 2).toFixed(3),
    steady: +limit(flow.receiver.receivedBytes - half.received, halfMs).toFixed(3),
    wireRatio: +((flow.sender.sentBytes - flow.sender.bytesInFlight) / necessary).toFixed(3),
    steadyDropRatio: +((flow.queueDroppedBytes - half.dropped) / (flow.sender.sentBytes - half.sent)).toFixed(
      4,
    ),
    startDropsBdp: +(half.dropped / bdpBytes).toFixed(2),
    queueRtts: +queueRtts.toFixed(3),
    cpuSeconds: +((cpu.user + cpu.system) / 1e6).toFixed(2),
  });
}

for (const rateMbps of list('rate', '100,500')) {
  for (const rttMs of list('rtt', '2,50,200')) {
    for (const lossPercent of list('loss', '0,1,5')) {
      for (const queue of list('queue', '1')) {
        for (let seed = 1; seed <= (list('seeds', '1')[0] ?? 1); seed += 1) {
          console.log(cell(rateMbps, rttMs, lossPercent, queue, seed * 1000));
        }
      }
    }
  }
}
