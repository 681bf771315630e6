import type { Random } from '@parley/netsim';
import { logarithmic } from '../../plan/faults.ts';
import type { ChatFaultName } from './faults.ts';
import type { ChatHappening } from './plan.ts';

const hearings = ['both', 'both', 'client', 'server', 'nobody'] as const;
const manners = ['garbage', 'half-frame', 'flood', 'deaf', 'mutant', 'wrong-order', 'silent'] as const;

/** Draws what happens while faults may happen, in the order of time. */
export function drawHappenings(
  random: Random,
  options: { readonly faults: ReadonlySet<ChatFaultName>; readonly users: number; readonly endMs: number },
): ChatHappening[] {
  const { faults, endMs } = options;
  const user = () => random.integer(0, options.users - 1);
  const happenings: ChatHappening[] = [];
  const draw = (
    fault: ChatFaultName,
    countMax: number,
    make: (at: { readonly atMs: number; readonly lastsMs: number }) => ChatHappening,
  ) => {
    if (!faults.has(fault)) return;
    for (let count = random.integer(1, countMax); count > 0; count -= 1) {
      const atMs = Math.floor(random.ratio() * endMs);
      // Over when the faults are over.
      const lastsMs = Math.min(endMs - atMs, Math.floor(logarithmic(random, 10, 90_000)));
      happenings.push(make({ atMs, lastsMs }));
    }
  };
  draw('cuts', 20, ({ atMs }) => ({ atMs, kind: 'cut', user: user(), hearing: random.pick(hearings) }));
  draw('freezes', 8, (at) => ({ ...at, kind: 'freeze', user: user() }));
  draw('black-outs', 3, (at) => ({ ...at, kind: 'black-out' }));
  draw('slow-readers', 6, (at) => ({ ...at, kind: 'slow-reader', user: user() }));
  draw('sleeps', 4, (at) => ({ ...at, kind: 'sleep', user: user() }));
  draw('program-deaths', 5, ({ atMs }) => {
    return { atMs, kind: 'program-death', user: user(), isTold: random.chance(0.5) };
  });
  draw('store-stalls', 5, (at) => ({ ...at, kind: 'store-stall' }));
  draw('store-failures', 5, (at) => ({ ...at, kind: 'store-failure' }));
  draw('server-kills', 5, ({ atMs, lastsMs }) => {
    return { atMs, kind: 'server-kill', lastsMs: Math.min(lastsMs, 20_000) };
  });
  draw('server-restarts', 3, ({ atMs, lastsMs }) => {
    return { atMs, kind: 'server-restart', lastsMs: Math.min(lastsMs, 20_000) };
  });
  // Together less than half a day: an id is remembered for a day.
  draw('clock-jumps', 3, ({ atMs }) => {
    const byMs = Math.floor(logarithmic(random, 1, 14_000_000)) * random.pick([1, -1]);
    return { atMs, kind: 'clock-jump', byMs };
  });
  draw('hostiles', 8, ({ atMs }) => {
    return { atMs, kind: 'hostile', manner: random.pick(manners), user: user() };
  });
  return happenings.sort((left, right) => left.atMs - right.atMs);
}
