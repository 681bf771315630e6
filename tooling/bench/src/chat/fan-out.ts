import type { ChatPeer } from './chat-peer.ts';
import type { FanLoadReport } from './fan-load.ts';
import { JOIN_MS_MAX, withPeer } from './peer-process.ts';

/** One room, and how fast what is said in it reaches everybody. */
export interface FanOut {
  readonly peer: string;
  readonly members: number;
  readonly repetition: number;
  /** Where what is said is kept, where it is. */
  readonly history?: 'memory' | 'sqlite';
  /** The maximum: as much is said as is delivered. */
  readonly deliveriesPerSecond: number;
  /** Messages on their way at the maximum. */
  readonly window: number;
  /** From the time at which a message was due until it was there, at a rate that is the same for all peers. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Memory of the server at the end of the run at that rate. */
  readonly rssMb: number;
  /** Processors that both used at the maximum. A generator near 1 was the limit itself. */
  readonly serverCpu: number;
  readonly generatorCpu: number;
}

/** How a fan-out is measured. */
export interface FanOutOptions {
  readonly port: number;
  readonly members: number;
  readonly seconds: number;
  /** Deliveries a second at which latency is measured. */
  readonly rate: number;
  readonly repetition: number;
}

/** More on their way fill the buffers of many readers: 16 are enough from 5,000 members on. */
const windowsFor = (members: number) => (members >= 5_000 ? [16] : [16, 64]);

/**
 * Seconds of talk before latency counts: a program in JavaScript is compiled while its first thousand messages come, by threads that
 * share the server's one processor. The maximum brings as many in a moment.
 */
const WARM_SECONDS = 3;

/** Measures a peer with so many members: the maximum, and the latency at a given rate, with a fresh server for each. */
export async function measureFanOut(peer: ChatPeer, options: FanOutOptions): Promise<FanOut> {
  const { members, repetition, rate } = options;
  let best: FanLoadReport | undefined;
  let bestWindow = 0;
  for (const window of windowsFor(members)) {
    const report = await talk(peer, options, { window });
    if (best !== undefined && report.deliveriesPerSecond <= best.deliveriesPerSecond) continue;
    best = report;
    bestWindow = window;
  }
  const { p50Ms, p99Ms, rssMb } = await talk(peer, options, { rate: rate / members, warm: WARM_SECONDS });
  const { deliveriesPerSecond = 0, serverCpu = 0, generatorCpu = 0 } = best ?? {};
  const maximum = { deliveriesPerSecond, window: bestWindow, serverCpu, generatorCpu };
  const history = peer.history === undefined ? {} : { history: peer.history };
  return { peer: peer.name, members, repetition, ...history, ...maximum, p50Ms, p99Ms, rssMb };
}

/** One run of the generator. Throws an Error when a client was turned away, or got something twice or not at all. */
function talk(
  peer: ChatPeer,
  { port, members, seconds }: FanOutOptions,
  load: { readonly window: number } | { readonly rate: number; readonly warm: number },
): Promise<FanLoadReport> {
  return withPeer(peer, port, async (running) => {
    const generator = running.load({ members, seconds, ...load });
    const [line] = await generator.stdout.line(
      /\{.*\}$/,
      JOIN_MS_MAX + (WARM_SECONDS + seconds) * 1_000 + 10_000,
    );
    const report: FanLoadReport = JSON.parse(line);
    const { undelivered, closed, refused, gaps } = report;
    if (undelivered + closed + refused + gaps === 0) return report;
    throw new Error(
      `${undelivered} deliveries did not come, ${closed} clients were cut, ${refused} requests refused, ${gaps} entries missed`,
    );
  });
}
