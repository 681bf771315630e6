import type { Random } from '@parley/netsim';
import { type FaultName, logarithmic } from './faults.ts';
import type { ApplicationPlan, ConnectionPlan } from './plan.ts';

interface ApplicationContext {
  readonly random: Random;
  readonly faults: ReadonlySet<FaultName>;
  readonly faultsEndMs: number;
  readonly asksForKeys: boolean;
  /** Stream bytes above which a run would take too long on its line. */
  readonly bytesMax: number;
}

/** The connections of a run: mostly one, sometimes several that overlap. */
export function drawConnections(context: ApplicationContext): ConnectionPlan[] {
  const { random, faultsEndMs, asksForKeys } = context;
  const count = random.pick([1, 1, 1, 1, 2, 2, 3, 6]);
  return Array.from({ length: count }, (_, index) => {
    const own = {
      ...context,
      random: random.fork(`connection ${index}`),
      bytesMax: context.bytesMax / count,
    };
    const client = drawApplication(own);
    const server = drawApplication(own);
    return {
      openAtMs: index === 0 ? 0 : logarithmic(own.random, 0.1, faultsEndMs),
      key: !asksForKeys || own.random.chance(0.8) ? 'right' : own.random.pick(['none', 'unknown']),
      client,
      // Two that wait for each other would wait for ever.
      server: client.finishes === 'after-reading' ? { ...server, finishes: 'after-writing' } : server,
    };
  });
}

function drawApplication({ random, faults, faultsEndMs, bytesMax }: ApplicationContext): ApplicationPlan {
  const sendBytes = Math.min(Math.floor(bytesMax), drawSize(random));
  const isSlow = random.chance(0.1);
  return {
    sendBytes,
    startsEarly: random.chance(0.5),
    writeBytes: random.pick([1000, 65_536, 65_536, 1 << 20]),
    finishes: random.pick(['after-writing', 'after-writing', 'after-reading', 'after-a-while']),
    receives: random.chance(0.4) ? 'positional' : 'ordered',
    readBytesPer10Ms: isSlow ? Math.ceil(logarithmic(random, 500, 50_000)) : Number.POSITIVE_INFINITY,
    pause: random.chance(0.15)
      ? { afterMs: logarithmic(random, 0.1, 2000), forMs: logarithmic(random, 1, 20_000) }
      : undefined,
    reset:
      faults.has('resets') && random.chance(0.5)
        ? { afterMs: logarithmic(random, 0.1, faultsEndMs), code: random.integer(0x100, 0x1ff) }
        : undefined,
  };
}

/** Nothing, one byte, about one packet, some packets, many: each is a case of its own. */
function drawSize(random: Random): number {
  const kind = random.ratio();
  if (kind < 0.15) return 0;
  if (kind < 0.25) return 1;
  if (kind < 0.4) return random.integer(1000, 1500);
  if (kind < 0.75) return Math.ceil(logarithmic(random, 100, 65_536));
  if (kind < 0.96) return Math.ceil(logarithmic(random, 65_536, 600_000));
  return Math.ceil(logarithmic(random, 600_000, 6_000_000));
}
