import { createHash } from 'node:crypto';
import { partPathsFor } from '@parley/client-core/parts';
import { createRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { Violations } from '../src/checkers/violations.ts';
import { Budget } from '../src/transfers/checkers/budget.ts';
import { JournalChecker } from '../src/transfers/checkers/journal-checker.ts';
import { type Crash, everyCrash, playCrash, smallTransferPlan } from '../src/transfers/crash-everywhere.ts';
import { Disk, type Inode } from '../src/transfers/disk/disk.ts';
import { drawTransferPlan } from '../src/transfers/plan/draw-plan.ts';
import type { TransferPlan } from '../src/transfers/plan/plan.ts';
import { reportTransferFailure } from '../src/transfers/report-transfer-failure.ts';
import { TransferRun } from '../src/transfers/run.ts';

const FIRST_SEED = 1;
const SEED_COUNT = 8;
/** Of the moments at which a process can die; all of them are for `--crash-everywhere`. */
const CRASH_EVERY = 397;

test(`transfer seeds ${FIRST_SEED} to ${FIRST_SEED + SEED_COUNT - 1} keep every promise`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed += 1) {
    const { violations } = await new TransferRun(drawTransferPlan(seed)).execute();
    expect(violations.length === 0 ? '' : reportTransferFailure(seed, violations)).toBe('');
  }
});

test('a process of a small transfer may die at any step', async () => {
  const crashes = await everyCrash(1);
  expect(crashes.length).toBeGreaterThan(300);
  for (const crash of crashes.filter((_, index) => index % CRASH_EVERY === 0)) {
    const { violations } = await playCrash(1, crash);
    expect({ crash, violations }).toEqual({ crash, violations: [] });
  }
});

describe('a seed of the transfers', () => {
  test('draws the same plan and gives the same run each time', async () => {
    expect(drawTransferPlan(7)).toEqual(drawTransferPlan(7));
    expect(drawTransferPlan(7)).not.toEqual(drawTransferPlan(8));
    const run = async () => (await new TransferRun(drawTransferPlan(7), { isTraced: true }).execute()).lines;
    const lines = await run();
    expect(lines.length).toBeGreaterThan(100);
    expect(await run()).toEqual(lines);
  });

  test('draws every kind of trouble within a few hundred', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => drawTransferPlan(seed));
    const happenings = plans.flatMap((plan) => plan.happenings);
    const kinds = new Set(happenings.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'cancel',
      'clock',
      'cut',
      'dark',
      'death',
      'delete-account',
      'disturb',
      'edit',
      'edit-own',
      'leave',
      'moderate',
      'pause',
      'restart',
      'revoke',
    ]);
    const decided = happenings.flatMap((one) => (one.kind === 'moderate' ? [one.action] : []));
    expect(new Set(decided)).toEqual(
      new Set(['kick', 'ban', 'unban', 'mute', 'unmute', 'promote', 'demote', 'close', 'open']),
    );
    expect(new Set(plans.flatMap(({ kinds }) => kinds))).toEqual(new Set(['guest', 'password', 'token']));
    const deaf = happenings.flatMap((one) => (one.kind === 'disturb' ? [one.deaf] : []));
    expect(new Set(deaf)).toEqual(new Set(['both', 'client', 'server']));
    expect(plans.every(({ deaths }) => deaths.length > 0)).toBe(true);
    expect(plans.some(({ clientDisk }) => clientDisk.fullTimes.length > 0)).toBe(true);
    expect(plans.some(({ serverDisk }) => serverDisk.fullTimes.length > 0)).toBe(true);
    expect(plans.some(({ serverDisk }) => serverDisk.flipRatio > 0)).toBe(true);
    expect(plans.some(({ clientDisk }) => clientDisk.flipRatio > 0)).toBe(true);
    expect(plans.some(({ clientDisk }) => clientDisk.linkCode !== undefined)).toBe(true);
    expect(plans.some(({ serverDisk }) => serverDisk.linkCode !== undefined)).toBe(true);
    expect(plans.some(({ serverDisk }) => serverDisk.crossingRatio === 1)).toBe(true);
    expect(plans.some(({ gifts }) => gifts.length > 1)).toBe(true);
    expect(plans.some(({ path }) => path.breaksAfterBytes !== undefined)).toBe(true);
    for (const disk of ['clientDisk', 'serverDisk'] as const) {
      const troubles = plans.flatMap((plan) => plan[disk].folderTroubles.map(({ what }) => what));
      expect(new Set(troubles)).toEqual(new Set(['missing', 'unmounted', 'read-only']));
    }
    expect(plans.some(({ hasRoommate }) => hasRoommate)).toBe(true);
    expect(new Set(plans.map(({ twin }) => twin?.isSame))).toEqual(new Set([undefined, true, false]));
    expect(plans.some(({ rates }) => rates.upload?.bytesPerSecondMax !== undefined)).toBe(true);
    expect(plans.some(({ bytesPerSecondMax }) => bytesPerSecondMax !== undefined)).toBe(true);
    const puts = plans.flatMap((plan) => plan.puts.flat());
    expect(new Set(puts.map(({ to, isAccepted }) => `${to !== undefined} ${isAccepted}`)).size).toBe(4);
  });

  test('says how to see it again when it fails', () => {
    const text = reportTransferFailure(7, [{ atMs: 1.5, checker: 'liveness', text: 'never came' }]);
    expect(text).toContain('1.500 ms  liveness: never came');
    expect(text).toContain('replay: npm run sim:transfers -- --seed 7 --runs 1 --trace');
  });

  test('leaves timers and clocks as they were', async () => {
    const before = [setTimeout, setImmediate, performance.now, Date.now, process.pid, process.kill];
    await new TransferRun(smallTransferPlan(1, [])).execute();
    expect([setTimeout, setImmediate, performance.now, Date.now, process.pid, process.kill]).toEqual(before);
  });
});

// CHAT-SEND-1, CHAT-UPLOAD-4
test('what was sent to somebody is there after a loss of power', async () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const plan = smallTransferPlan(seed, []);
    const put = { size: 1_000, atMs: 0, to: 1, isAccepted: true, isTold: true };
    const death = { atMs: 3_000, kind: 'death', party: 'server', death: 'power-loss' } as const;
    const away = { atMs: 1_000, kind: 'leave', user: 1 } as const;
    const { violations } = await new TransferRun({
      ...plan,
      users: [[], []],
      puts: [[put], []],
      happenings: [away, death],
    }).execute();
    expect({ seed, violations }).toEqual({ seed, violations: [] });
  }
});

// CHAT-FOLDER-7, CHAT-FOLDER-12
test.each(['down', 'up'])(
  'a folder of files that are larger than what a line bears goes %s, and hardly anything of it twice',
  async (direction) => {
    const plan = smallTransferPlan(1, []);
    const files = Array.from({ length: 6 }, (_, index) => 1_500_000 + index * 1_000);
    const size = files.reduce((sum, bytes) => sum + bytes, 0);
    const isDown = direction === 'down';
    const { violations, tallies, arrivedBytes } = await new TransferRun({
      ...plan,
      files: [],
      users: [[]],
      folder: isDown ? { files, wants: [{ user: 0, atMs: 0 }] } : undefined,
      puts: [[]],
      gifts: isDown ? [] : [{ user: 0, files, atMs: 0, to: undefined, isAccepted: true }],
      path: { ...plan.path, windowBytes: 32_768, breaksAfterBytes: 500_000 },
      faultsEndMs: 300_000,
    }).execute();
    expect({ violations, tallies }).toEqual({
      violations: [],
      tallies: { [isDown ? 'done' : 'done (upload)']: 1 },
    });
    expect(arrivedBytes / size).toBeLessThan(1.1);
  },
);

// CHAT-WITHDRAWN-1, CHAT-WITHDRAWN-2
test.each([
  ['revoke', 0, [], {}],
  // What has no name has to come anew, from somebody else.
  ['delete-account', 0, [], {}],
  // What is kept of uploads that have just ended goes too.
  ['delete-account', 0, [{ atMs: 1_990, kind: 'leave', user: 0 }], {}],
  // What was sent to that user is for nobody any more.
  ['delete-account', 1, [], { 'cancelled (upload)': 1 }],
] as const)('transfers in full flow bear %s of user %i', async (kind, user, before, others) => {
  const plan = smallTransferPlan(1, []);
  const large = { size: 1_500_000, atMs: 0, isAccepted: true, isTold: true };
  const happenings = [2_000, 2_700].map((atMs) => ({ atMs, kind, user }));
  const { violations, tallies } = await new TransferRun({
    ...plan,
    kinds: ['password', 'token'],
    puts: [
      [
        { ...large, to: undefined },
        { ...large, to: 1 },
      ],
      [],
    ],
    path: { ...plan.path, bytesPerMs: 300 },
    happenings: [...before, ...happenings],
  }).execute();
  expect({ violations, tallies }).toMatchObject({ violations: [], tallies: others });
  expect(tallies['done (upload)']).toBeGreaterThan(1);
});

describe('a broken promise of a transfer is found', () => {
  const checkersOf = async (plan: TransferPlan) => {
    const { violations } = await new TransferRun(plan).execute();
    return violations.map(({ checker }) => checker);
  };

  test('when the way to the server is too slow for what is wanted', async () => {
    const plan = smallTransferPlan(1, []);
    expect(await checkersOf({ ...plan, path: { ...plan.path, bytesPerMs: 0.1 } })).toContain('liveness');
  });

  // CHAT-CHUNK-4, CHAT-RESUME-2
  test('when a journal notes a chunk as verified that is not what the list says', () => {
    const violations = new Violations(() => 0);
    const disk = new Disk({ random: createRandom('disk'), wallClock: () => 0, roots: ['/downloads'] });
    const checker = new JournalChecker(violations, { disk, folder: '/downloads' });
    const { part, journal } = partPathsFor('/downloads/file');
    const bytes = Buffer.alloc(1_000, 7);
    const chunkHashes = createHash('sha256').update(bytes).digest();
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(bytes.byteLength));
    const chunkRoot = createHash('sha256').update(size).update(chunkHashes).digest();
    disk.put(part, bytes);
    disk.put(
      journal,
      Buffer.concat([
        Buffer.from('PARLEYJ2'),
        size,
        Buffer.alloc(8),
        chunkRoot,
        chunkHashes,
        Buffer.from([1]),
      ]),
    );
    checker.handleDeath();
    expect(violations.all).toEqual([]);
    disk.write(disk.find(part) as Inode, Buffer.of(8), 500);
    checker.handleDeath();
    expect(violations.all.map(({ checker: name }) => name)).toEqual(['verified chunks']);
  });

  test('when more is fetched than there is reason to', () => {
    const violations = new Violations(() => 0);
    const budget = new Budget();
    budget.allowWhole(1_000);
    budget.noteArrived(1_500);
    budget.audit(violations, 'user0');
    expect(violations.all).toEqual([]);
    budget.noteArrived(1_000);
    budget.audit(violations, 'user0');
    expect(violations.all.map(({ checker }) => checker)).toEqual(['economy']);
  });
});

test('crashes are told apart by who dies, in which life, when and how', async () => {
  const crashes = await everyCrash(1);
  const names = new Set(
    crashes.map(({ party, before, step, death }: Crash) => `${party} ${before} ${step} ${death}`),
  );
  expect(names.size).toBe(crashes.length);
  const again = crashes.filter(({ before }) => before !== undefined);
  expect(new Set(again.map(({ party }) => party))).toEqual(new Set(['server', 0, 1]));
});
