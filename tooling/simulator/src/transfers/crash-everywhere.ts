import { CHUNK_BYTES_MIN } from '@parley/protocol';
import { SOUND_DISK } from './disk/disk-faults.ts';
import type { DeathKind } from './host/simulated-process.ts';
import { ORDINARY_RULES } from './plan/draw-plan.ts';
import type { Party, PlannedDeath, TransferPlan } from './plan/plan.ts';
import { type TransferOutcome, TransferRun } from './run.ts';

/** Two chunks and a little: each thing that a transfer does happens at least once. */
const FILE_BYTES = 2 * CHUNK_BYTES_MIN + 1_000;

/** A small transfer of each kind on good machines over a good line. */
export function smallTransferPlan(seed: number, deaths: readonly PlannedDeath[]): TransferPlan {
  return {
    seed,
    files: [FILE_BYTES, CHUNK_BYTES_MIN + 1],
    users: [
      [
        { file: 0, atMs: 0 },
        { file: 1, atMs: 0 },
      ],
      [],
    ],
    kinds: ['guest', 'guest'],
    hasRoommate: false,
    twin: undefined,
    folder: { files: [0, 1_000, 5_000, 1, 2, 3, 4, 5, 6], wants: [{ user: 0, atMs: 0 }] },
    puts: [
      [
        { size: FILE_BYTES, atMs: 0, to: undefined, isAccepted: true, isTold: true },
        { size: 1_000, atMs: 1_000, to: 1, isAccepted: true, isTold: true },
      ],
      [],
    ],
    gifts: [
      { user: 0, files: [0, 1_000, 5_000], atMs: 0, to: undefined, isAccepted: true },
      { user: 1, files: [0, 1_000, 5_000], atMs: 500, to: 0, isAccepted: true },
    ],
    rates: {},
    bytesPerSecondMax: undefined,
    rules: ORDINARY_RULES,
    faultsEndMs: 10_000,
    control: { delayMsMin: 1, delayMsMax: 2, chunkBytesMax: 65_536, windowBytes: 262_144 },
    path: {
      delayMs: 5,
      jitterMs: 10,
      bytesPerMs: 1_000,
      windowBytes: 65_536,
      segmentBytesMax: 65_536,
      lossRatio: 0.05,
    },
    clientDisk: { ...SOUND_DISK, latencyMsMax: 1 },
    serverDisk: { ...SOUND_DISK, latencyMsMax: 1 },
    // The digests of one file go with its bytes, those of the others go before them.
    hashedFirstBytesMax: CHUNK_BYTES_MIN + 1,
    deaths,
    losesPowerWhenDone: false,
    happenings: [],
  };
}

/** One death of one party at one step of its first life, or of its second one, which goes on with what the first has left. */
export interface Crash {
  readonly party: Party;
  /** Where its first life ended, when it is the second one that ends here; nothing otherwise. */
  readonly before?: number | undefined;
  readonly step: number;
  readonly death: DeathKind;
}

/** At which parts of its steps a first life ends so that a second one has something to go on with. */
const FIRST_LIVES = [0.35, 0.6, 0.85];

/** Every moment at which a process of the small transfer can die, each in both ways; and then those of second lives. */
export async function everyCrash(seed: number): Promise<Crash[]> {
  const { steps } = await new TransferRun(smallTransferPlan(seed, [])).execute();
  const crashes: Crash[] = [];
  const parties = [['server', steps.server] as const, ...steps.users.entries()];
  for (const [party, [count = 0]] of parties) crashes.push(...crashesOf({ party }, count));
  for (const [party, [count = 0]] of parties) {
    for (const part of FIRST_LIVES) {
      const before = Math.floor(count * part);
      if (before === 0) continue;
      const after = await playCrash(seed, { party, step: before, death: 'kill' });
      const [, again = 0] = party === 'server' ? after.steps.server : (after.steps.users[party] ?? []);
      crashes.push(...crashesOf({ party, before }, again));
    }
  }
  return crashes;
}

function crashesOf(life: Pick<Crash, 'party' | 'before'>, count: number): Crash[] {
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((step) => [
    { ...life, step, death: 'kill' },
    { ...life, step, death: 'power-loss' },
  ]);
}

/** What becomes of the small transfer when a process dies at that moment. */
export function playCrash(seed: number, crash: Crash): Promise<TransferOutcome> {
  const { party, before, step, death } = crash;
  const first = before === undefined ? [] : [{ party, life: 1, step: before, death: 'kill' } as const];
  const deaths = [...first, { party, life: first.length + 1, step, death }];
  return new TransferRun(smallTransferPlan(seed, deaths)).execute();
}

/**
 * Plays every crash; prints what failed, the `await`s that were watched and at which no process died, and the totals as the last line. Gives
 * whether nothing failed. `placesOf` tells which `await`s are watched.
 */
export async function crashEverywhere(
  seed: number,
  { print, placesOf }: { readonly print: (text: string) => void; readonly placesOf: () => readonly string[] },
): Promise<boolean> {
  const startedAtMs = performance.now();
  let failed = 0;
  const passed = new Set<string>();
  const diedAt = new Set<string>();
  const crashes = await everyCrash(seed);
  for (const crash of crashes) {
    const { violations, awaits } = await playCrash(seed, crash);
    for (const place of awaits.passed) passed.add(place);
    for (const place of awaits.diedAt) diedAt.add(place);
    if (violations.length === 0) continue;
    failed += 1;
    const lines = violations.map(({ atMs, checker, text }) => `  ${atMs.toFixed(3)} ms  ${checker}: ${text}`);
    print(`${JSON.stringify(crash)} failed:\n${lines.join('\n')}\n`);
  }
  const places = placesOf();
  const spared = places.filter((place) => passed.has(place) && !diedAt.has(place));
  print(`passed, and nobody died there: ${JSON.stringify(spared)}\n`);
  print(`never passed: ${JSON.stringify(places.filter((place) => !passed.has(place)))}\n`);
  print(`${JSON.stringify({ awaits: places.length, passed: passed.size, diedAt: diedAt.size })}\n`);
  const wallSeconds = Number(((performance.now() - startedAtMs) / 1000).toFixed(3));
  print(`${JSON.stringify({ runs: crashes.length, failed, wallSeconds })}\n`);
  return failed === 0;
}
