import type { Random } from '@parley/netsim';
import { logarithmic } from '../../plan/faults.ts';
import type { ChatFaultName } from './faults.ts';
import { HappeningDraw, HEARINGS } from './happening-draw.ts';
import type { ChatHappening } from './plan.ts';

const MANNERS = ['garbage', 'half-frame', 'flood', 'deaf', 'mutant', 'wrong-order', 'silent'] as const;

/** Draws what happens while faults may happen, in the order of time. */
export function drawHappenings(
  random: Random,
  options: { readonly faults: ReadonlySet<ChatFaultName>; readonly users: number; readonly endMs: number },
): ChatHappening[] {
  const { faults, endMs } = options;
  const user = () => random.integer(0, options.users - 1);
  const drawn = new HappeningDraw<ChatFaultName, ChatHappening>(random, {
    faults,
    endMs,
    lastsMsMax: 90_000,
  });
  drawn.draw('cuts', 20, ({ atMs }) => ({ atMs, kind: 'cut', user: user(), hearing: random.pick(HEARINGS) }));
  drawn.draw('freezes', 8, (at) => ({ ...at, kind: 'freeze', user: user() }));
  drawn.draw('black-outs', 3, (at) => ({ ...at, kind: 'black-out' }));
  drawn.draw('slow-readers', 6, (at) => ({ ...at, kind: 'slow-reader', user: user() }));
  drawn.draw('sleeps', 4, (at) => ({ ...at, kind: 'sleep', user: user() }));
  drawn.draw('program-deaths', 5, ({ atMs }) => {
    return { atMs, kind: 'program-death', user: user(), isTold: random.chance(0.5) };
  });
  if (!faults.has('few-connections')) {
    // The place of one connection more has to be there.
    drawn.draw('takeovers', 6, ({ atMs }) => ({ atMs, kind: 'takeover', user: user() }));
  }
  drawn.draw('store-stalls', 5, (at) => ({ ...at, kind: 'store-stall' }));
  drawn.draw('store-failures', 5, (at) => ({ ...at, kind: 'store-failure' }));
  drawn.draw('server-kills', 5, ({ atMs, lastsMs }) => {
    return { atMs, kind: 'server-kill', lastsMs: Math.min(lastsMs, 20_000) };
  });
  drawn.draw('server-restarts', 3, ({ atMs, lastsMs }) => {
    return { atMs, kind: 'server-restart', lastsMs: Math.min(lastsMs, 20_000) };
  });
  // Together less than half a day: an id is remembered for a day.
  drawn.draw('clock-jumps', 3, ({ atMs }) => {
    const byMs = Math.floor(logarithmic(random, 1, 14_000_000)) * random.pick([1, -1]);
    return { atMs, kind: 'clock-jump', byMs };
  });
  drawn.draw('hostiles', 8, ({ atMs }) => {
    return { atMs, kind: 'hostile', manner: random.pick(MANNERS), user: user() };
  });
  return drawn.inOrder;
}
