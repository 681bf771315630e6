import { createRandom } from '@parley/netsim';

/** Ways of attacking a server; what each does stands in hostile/attacks.ts. */
export const MANNERS = [
  'half-frame',
  'garbage',
  'mutant',
  'flood',
  'deaf',
  'slow',
  'silent',
  'half-handshake',
  'plain',
  'long-name',
  'thief',
] as const;

/** A way of attacking. */
export type Manner = (typeof MANNERS)[number];

/** How somebody honest comes in. */
type Entrance = 'guest' | 'password' | 'key' | 'token';

/** Somebody who talks. */
export interface TalkerPlan {
  readonly nickname: string;
  readonly entrance: Entrance;
}

/** Somebody who attacks, from that part of the way on. */
export interface HostilePlan {
  readonly name: string;
  readonly manner: Manner;
  readonly at: number;
}

/** What happens in a run; the order in which it interleaves is up to the machine. */
export interface Plan {
  readonly seed: string;
  readonly talkers: readonly TalkerPlan[];
  readonly hostiles: readonly HostilePlan[];
  /** The parts of the way at which the server is killed. */
  readonly kills: readonly number[];
  /** Bytes that a connection of a talker carries before it is cut, on average. */
  readonly bytesBeforeCutMean: number;
}

/** How large a plan is. */
export interface PlanSize {
  readonly talkers: number;
  readonly hostiles: number;
  readonly kills: number;
}

/** Nobody is killed before everybody has come in, nor when all is said. */
const KILL_PART_MIN = 0.1;
const KILL_PART_MAX = 0.9;

/** Draws a plan: every manner of attack comes once before one comes twice. */
export function drawPlan(seed: string, size: PlanSize): Plan {
  const random = createRandom(seed);
  const part = (min: number, max: number) => min + random.ratio() * (max - min);
  const entrances: readonly Entrance[] = ['guest', 'password', 'guest', 'key', 'guest', 'token'];
  const talkers = Array.from({ length: size.talkers }, (_, index): TalkerPlan => {
    const entrance = entrances[index % entrances.length] ?? 'guest';
    return { nickname: `talker${index}`, entrance };
  });
  const hostiles = Array.from({ length: size.hostiles }, (_, index): HostilePlan => {
    const manner = MANNERS[index % MANNERS.length] ?? 'garbage';
    return { name: `hostile${index}`, manner, at: part(0, KILL_PART_MAX) };
  });
  const kills = Array.from({ length: size.kills }, () => part(KILL_PART_MIN, KILL_PART_MAX)).sort(
    (left, right) => left - right,
  );
  return { seed, talkers, hostiles, kills, bytesBeforeCutMean: random.integer(30_000, 60_000) };
}
