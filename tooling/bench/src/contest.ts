import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '@parley/programs';
import type { Place } from './link/place.ts';
import { evaluate, type Samples } from './measure.ts';
import type { Peer } from './peers/peer.ts';
import { nanosecondsNow } from './peers/stream-driver.ts';
import { jainIndex } from './statistics.ts';

/** Flows that were on one link together. */
export interface ContestResult {
  /** In the order in which they started. */
  readonly flows: string;
  readonly profile: string;
  readonly repetition: number;
  readonly seconds: number;
  readonly goodputMbps: readonly number[];
  /** Parts of an equal share, from the start of the last flow on: 1 is fair. */
  readonly shares: readonly number[];
  /** The same in the second half of that time. */
  readonly lateShares: readonly number[];
  /** Jain's index of the late shares. */
  readonly jain: number;
}

const READY_LIMIT_MS = 5_000;

/** Lets peers send at the same time, the later ones `leadSeconds` after those before them, for `seconds` all together. */
export async function runContest(
  peers: readonly Peer[],
  run: {
    readonly place: Place;
    readonly seconds: number;
    readonly leadSeconds: number;
    readonly repetition: number;
  },
): Promise<ContestResult> {
  const { place, seconds, leadSeconds, repetition } = run;
  const processes: Program[] = [];
  const start = (side: 'sender' | 'receiver', peer: Peer, command: readonly string[]) => {
    place.useCongestionControl(peer.congestionControl);
    const driver = new Program(place.commandOn(side, command), {
      env: { ...process.env, ...peer.environment },
    });
    processes.push(driver);
    return driver;
  };
  try {
    const receivers = peers.map((peer) => start('receiver', peer, peer.receive));
    for (const receiver of receivers) await receiver.stdout.line(/READY/, READY_LIMIT_MS);
    let startNs = 0;
    const anyEnd = receivers.map((receiver) => receiver.rejectAtEnd());
    for (const [index, peer] of peers.entries()) {
      if (index > 0) await Promise.race([sleep(leadSeconds * 1000), ...anyEnd]);
      const sender = start('sender', peer, peer.send);
      startNs = Number((await sender.stdout.line(/START (\d+)$/, READY_LIMIT_MS))[1]);
      anyEnd.push(sender.rejectAtEnd());
    }
    await Promise.race([sleep(seconds * 1000 - (nanosecondsNow() - startNs) / 1e6), ...anyEnd]);
    const figures: { goodputMbps: number; steadyMbps: number }[] = [];
    for (const receiver of receivers) receiver.signal('SIGTERM');
    for (const receiver of receivers) {
      const [report] = await receiver.stdout.line(/\{.*\}$/, READY_LIMIT_MS);
      const { samples }: { samples: Samples } = JSON.parse(report);
      figures.push(evaluateFrom(samples, startNs, seconds));
    }
    const lateShares = sharesOf(figures.map(({ steadyMbps }) => steadyMbps));
    return {
      flows: peers.map(({ name }) => name).join('+'),
      profile: place.name,
      repetition,
      seconds,
      goodputMbps: figures.map(({ goodputMbps }) => rounded(goodputMbps)),
      shares: sharesOf(figures.map(({ goodputMbps }) => goodputMbps)),
      lateShares,
      jain: rounded(jainIndex(lateShares)),
    };
  } finally {
    await Promise.all(processes.map((driver) => driver.kill()));
    await sleep(150 + 2 * place.roundTripMs);
  }
}

/** Counts from `startNs` on: what a flow got while it was alone is not shared. */
function evaluateFrom(samples: Samples, startNs: number, seconds: number) {
  const before = samples.findLast(([atNs]) => atNs <= startNs)?.[1] ?? 0;
  const shifted = samples.map(([atNs, bytes]): [number, number] => [atNs, Math.max(0, bytes - before)]);
  return evaluate(shifted, { startNs, seconds, wireBytes: undefined });
}

/** Parts of an equal share. */
export function sharesOf(values: readonly number[]): number[] {
  const equal = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => (equal === 0 ? 0 : rounded(value / equal)));
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
