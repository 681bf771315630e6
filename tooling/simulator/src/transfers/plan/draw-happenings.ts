import type { Random } from '@parley/netsim';
import { HappeningDraw, HEARINGS } from '../../chat/plan/happening-draw.ts';
import { logarithmic } from '../../plan/faults.ts';
import type { TransferFaultName } from './faults.ts';
import type { Party, PlannedPut, PlannedWant, ServerRules, TransferHappening } from './plan.ts';

const EDITS = ['grow', 'shrink', 'vanish', 'replace', 'rewrite', 'touch'] as const;

/** Draws what happens while faults may happen, in the order of time. */
export function drawHappenings(
  random: Random,
  options: {
    readonly faults: ReadonlySet<TransferFaultName>;
    readonly files: readonly number[];
    readonly users: readonly (readonly PlannedWant[])[];
    readonly puts: readonly (readonly PlannedPut[])[];
    readonly endMs: number;
  },
): TransferHappening[] {
  const { faults, files, users, puts, endMs } = options;
  const drawn = new HappeningDraw<TransferFaultName, TransferHappening>(random, {
    faults,
    endMs,
    lastsMsMax: 60_000,
  });
  const user = () => random.integer(0, users.length - 1);
  const wantOf = (index: number) => {
    return random.integer(0, Math.max(0, (users[index]?.length ?? 0) + (puts[index]?.length ?? 0) - 1));
  };
  drawn.draw('timed-deaths', 4, ({ atMs }) => {
    const party: Party = random.chance(0.4) ? 'server' : user();
    const death = faults.has('power-losses') && random.chance(0.5) ? 'power-loss' : 'kill';
    return [{ atMs, kind: 'death', party, death }];
  });
  drawn.draw('leaves', 3, ({ atMs }) => [{ atMs, kind: 'leave', user: user() }]);
  drawn.draw('edits', 4, ({ atMs, lastsMs }) => {
    const file = random.integer(0, files.length - 1);
    return drawEdit(random, lastsMs, { atMs, kind: 'edit', file });
  });
  drawn.draw('own-edits', 4, ({ atMs, lastsMs }) => {
    const index = user();
    const file = random.integer(0, Math.max(0, (puts[index]?.length ?? 0) - 1));
    return drawEdit(random, lastsMs, { atMs, kind: 'edit-own', user: index, file });
  });
  drawn.draw('pauses', 4, (at) => {
    const index = user();
    return [{ ...at, kind: 'pause', user: index, want: wantOf(index) }];
  });
  drawn.draw('cancels', 3, ({ atMs }) => {
    const index = user();
    return [{ atMs, kind: 'cancel', user: index, want: wantOf(index), again: random.chance(0.6) }];
  });
  drawn.draw('disturbances', 6, ({ atMs }) => {
    return [{ atMs, kind: 'disturb', deaf: 'both', lastsMs: Math.floor(logarithmic(random, 10, 200_000)) }];
  });
  drawn.draw('one-way-silence', 6, ({ atMs }) => {
    const deaf = random.pick(['client', 'server'] as const);
    return [{ atMs, kind: 'disturb', deaf, lastsMs: Math.floor(logarithmic(random, 10, 200_000)) }];
  });
  drawn.draw('moderation', 4, ({ atMs, lastsMs }) => {
    const about = { kind: 'moderate', user: user() } as const;
    const action = random.pick(['kick', 'ban', 'ban', 'mute'] as const);
    const back = action === 'ban' ? 'unban' : 'unmute';
    return [
      { atMs, ...about, action },
      { atMs: atMs + lastsMs, ...about, action: back },
    ];
  });
  drawn.draw('smaller-rules', 3, ({ atMs }) => [
    { atMs, kind: 'restart', rules: drawSmallerRules(random, puts) },
  ]);
  drawn.draw('darkness', 2, (at) => [{ ...at, kind: 'dark' }]);
  drawn.draw('cuts', 5, ({ atMs }) => [{ atMs, kind: 'cut', user: user(), hearing: random.pick(HEARINGS) }]);
  drawn.draw('clock-jumps', 3, ({ atMs }) => {
    const byMs = Math.floor(logarithmic(random, 1_000, 3_600_000));
    return [{ atMs, kind: 'clock', byMs: random.chance(0.5) ? byMs : -byMs }];
  });
  drawn.draw('revocations', 4, ({ atMs }) => [{ atMs, kind: 'revoke', user: user() }]);
  drawn.draw('deletions', 2, ({ atMs }) => [{ atMs, kind: 'delete-account', user: user() }]);
  drawn.draw('promotions', 3, ({ atMs, lastsMs }) => {
    const about = { kind: 'moderate', user: user() } as const;
    return [
      { atMs, ...about, action: 'promote' },
      { atMs: atMs + lastsMs, ...about, action: 'demote' },
    ];
  });
  drawn.draw('emergencies', 2, ({ atMs, lastsMs }) => {
    const about = { kind: 'moderate', user: user() } as const;
    return [
      { atMs, ...about, action: 'close' },
      { atMs: atMs + lastsMs, ...about, action: 'open' },
    ];
  });
  return drawn.inOrder;
}

/** Some of what is given is too much then, or all of it. */
function drawSmallerRules(random: Random, puts: readonly (readonly PlannedPut[])[]): ServerRules {
  const sizes = puts.flat().map(({ size }) => size);
  const given = sizes.reduce((sum, size) => sum + size, 0);
  return {
    uploads: random.pick(['all', 'all', 'all', 'registered', 'off']),
    uploadLimits: {
      fileBytesMax: Math.floor(Math.max(0, ...sizes) * random.pick([0, 0.3, 2])),
      userBytesMax: Math.floor(given * random.pick([0, 0.3, 2])),
      folderBytesMax: Math.floor(given * random.pick([0, 0.5, 4])),
    },
    transfersUnderWayMax: random.pick([1, 2, 100]),
    transfersPerUserMax: random.pick([1, 2, 100]),
  };
}

/** What is done to a file, and that it comes back if it vanishes. */
function drawEdit<About extends { readonly atMs: number }>(random: Random, lastsMs: number, about: About) {
  const edit = random.pick(EDITS);
  const change = { ...about, edit, bytes: Math.floor(logarithmic(random, 1, 500_000)) };
  const isBack = edit === 'vanish' && random.chance(0.7);
  return isBack ? [change, { ...change, atMs: about.atMs + lastsMs, edit: 'return' as const }] : [change];
}
