import type { LinkOptions, Random } from '@parley/netsim';
import { drawMtu } from './draw-links.ts';
import { type FaultName, logarithmic } from './faults.ts';
import type { Forgery, Happening, Side } from './plan.ts';

const CLIENT_HOSTS = ['10.0.0.1', '192.0.2.1'];
const CLIENT_PORTS = [4433, 20_001, 60_000];

interface HappeningContext {
  readonly random: Random;
  readonly faults: ReadonlySet<FaultName>;
  readonly isGentle: boolean;
  readonly faultsEndMs: number;
}

/** Everything that happens at its own time before the faults end. */
export function drawHappenings(context: HappeningContext): Happening[] {
  const drawn = [
    ...several(context, 'line-changes', 3, drawLineChange),
    ...several(context, 'partitions', 3, drawPartition),
    ...several(context, 'sleeps', 3, drawSleep),
    ...several(context, 'clock-jumps', 3, drawClockJump),
    ...several(context, 'restart', 1, (random, atMs) => ({ kind: 'restart', atMs, side: drawSide(random) })),
    ...several(context, 'rebind', 4, drawRebind),
    ...several(context, 'endpoint-close', 1, (random, atMs) => ({
      kind: 'endpoint-close',
      atMs,
      side: drawSide(random),
    })),
    ...several(context, 'syn-flood', 1, drawSynFlood),
    ...several(context, 'forgeries', 4, drawForgery),
  ];
  return drawn.sort((left, right) => left.atMs - right.atMs);
}

function several(
  context: HappeningContext,
  fault: FaultName,
  countMax: number,
  draw: (random: Random, atMs: number, context: HappeningContext) => Happening,
): Happening[] {
  if (!context.faults.has(fault)) return [];
  const random = context.random.fork(fault);
  return Array.from({ length: random.integer(1, countMax) }, () =>
    // As often in the first milliseconds, where handshakes are, as later.
    draw(random, Math.min(context.faultsEndMs, logarithmic(random, 0.5, context.faultsEndMs)), context),
  );
}

function drawSide(random: Random): Side {
  return random.pick(['client', 'server']);
}

function drawLineChange(random: Random, atMs: number, { isGentle }: HappeningContext): Happening {
  const changes: LinkOptions = random.chance(0.3)
    ? { mtuBytes: drawMtu(random) }
    : random.chance(0.5)
      ? { rateBitsPerSecond: logarithmic(random, 200e3, 1e9) }
      : { delayMs: logarithmic(random, 0.1, isGentle ? 200 : 900) };
  return { kind: 'line-change', atMs, to: drawSide(random), changes };
}

function drawPartition(random: Random, atMs: number, { faultsEndMs }: HappeningContext): Happening {
  return {
    kind: 'partition',
    atMs,
    untilMs: Math.min(faultsEndMs, atMs + logarithmic(random, 10, 60_000)),
    direction: random.pick(['to-client', 'to-server', 'both']),
  };
}

function drawSleep(random: Random, atMs: number, { faultsEndMs, isGentle }: HappeningContext): Happening {
  const forMs = logarithmic(random, 1, isGentle ? 500 : 40_000);
  return { kind: 'sleep', atMs, untilMs: Math.min(faultsEndMs, atMs + forMs), side: drawSide(random) };
}

function drawClockJump(random: Random, atMs: number, { isGentle }: HappeningContext): Happening {
  const jumpMs = logarithmic(random, 0.1, isGentle ? 500 : 3_600_000);
  return { kind: 'clock-jump', atMs, side: drawSide(random), jumpMs };
}

/** Few addresses: one that comes back is a case of its own. */
function drawRebind(random: Random, atMs: number): Happening {
  return { kind: 'rebind', atMs, host: random.pick(CLIENT_HOSTS), port: random.pick(CLIENT_PORTS) };
}

function drawSynFlood(random: Random, atMs: number): Happening {
  // More than an endpoint keeps half-open, but rarely: such a run costs a second.
  const count = random.chance(0.1) ? 1500 : random.integer(1, 100);
  return { kind: 'syn-flood', atMs, count, everyMs: random.pick([0, 0.1, 10]) };
}

function drawForgery(random: Random, atMs: number, { isGentle }: HappeningContext): Happening {
  const kinds: Forgery[] = ['noise', 'data', 'syn-ack', 'syn'];
  const what = random.pick(isGentle ? kinds : [...kinds, 'reject' as const]);
  return { kind: 'forgery', atMs, count: random.integer(1, 50), what };
}
