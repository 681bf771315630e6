import type { ChatPeer } from './chat-peer.ts';
import { checkComplete, type FanLoadReport } from './fan-load.ts';
import { JOIN_MS_MAX, withPeer } from './peer-process.ts';

/** The most that a server delivers in one room: as much is said as is delivered. */
export interface Maximum {
  readonly deliveriesPerSecond: number;
  /** Messages on their way at the maximum. */
  readonly window: number;
  /** Processors that both used then. A generator near 1 was the limit itself. */
  readonly serverCpu: number;
  readonly generatorCpu: number;
}

/** More on their way fill the buffers of many readers: 16 are enough from 5,000 members on. */
const windowsFor = (members: number) => (members >= 5_000 ? [16] : [16, 64]);

/** How a maximum is measured. */
export interface MaximumOptions {
  readonly members: number;
  readonly seconds: number;
  /** How many messages are on their way, one run for each; as many as suit the members unless given. */
  readonly windows: readonly number[] | undefined;
}

/** Measures the maximum of a peer, with a fresh server for each window. Throws an Error when something was lost. */
export async function measureMaximum(
  peer: ChatPeer,
  { members, seconds, windows = windowsFor(members) }: MaximumOptions,
): Promise<Maximum> {
  let best: Maximum | undefined;
  for (const window of windows) {
    const { deliveriesPerSecond, serverCpu, generatorCpu } = await talk(peer, { members, seconds, window });
    if (best !== undefined && deliveriesPerSecond <= best.deliveriesPerSecond) continue;
    best = { deliveriesPerSecond, window, serverCpu, generatorCpu };
  }
  return best as Maximum;
}

function talk(
  peer: ChatPeer,
  load: { readonly members: number; readonly seconds: number; readonly window: number },
): Promise<FanLoadReport> {
  return withPeer(peer, async (running) => {
    const limitMs = JOIN_MS_MAX + load.seconds * 1_000 + 10_000;
    const [line] = await running.load(load).stdout.line(/\{.*\}$/, limitMs);
    const report: FanLoadReport = JSON.parse(line);
    checkComplete(report);
    return report;
  });
}
