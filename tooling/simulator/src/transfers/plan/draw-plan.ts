import { createRandom, type Random } from '@parley/netsim';
import { CHUNK_BYTES_MIN as chunkBytes } from '@parley/protocol';
import { DEFAULT_LIMITS, DEFAULT_UPLOAD_LIMITS } from '@parley/server-core';
import { logarithmic } from '../../plan/faults.ts';
import { type DiskFaultsPlan, SOUND_DISK } from '../disk/disk-faults.ts';
import type { DeathKind } from '../host/simulated-process.ts';
import type { StreamPathPlan } from '../network/stream-path.ts';
import { drawHappenings } from './draw-happenings.ts';
import { drawTransferFaults, type TransferFaultName } from './faults.ts';
import type {
  Party,
  PlannedDeath,
  PlannedFolder,
  PlannedGift,
  PlannedPut,
  PlannedTwin,
  PlannedWant,
  ServerRules,
  TransferPlan,
  UserKind,
} from './plan.ts';

const SIZES = [0, 1, 1_000, chunkBytes - 1, chunkBytes, chunkBytes + 1, 2 * chunkBytes, 700_000];
/** So many more steps at most than most transfers take. */
const STEP_MAX = 3_000;

/** As a server has them whose operator says nothing. */
export const ORDINARY_RULES: ServerRules = {
  uploads: 'all',
  uploadLimits: DEFAULT_UPLOAD_LIMITS,
  transfersUnderWayMax: DEFAULT_LIMITS.transfersUnderWayMax,
  transfersPerUserMax: DEFAULT_LIMITS.transfersPerUserMax,
};

/** Draws the plan of a seed: the same one each time. */
export function drawTransferPlan(seed: number): TransferPlan {
  const random = createRandom(`transfers ${seed}`);
  const faults = drawTransferFaults(random.fork('faults'));
  const files = drawFiles(random.fork('files'));
  const faultsEndMs = Math.floor(logarithmic(random, 2_000, 60_000));
  const hasRoommate = faults.has('roommate');
  const userCount = random.pick([1, 1, 1, 2, 3]) + (hasRoommate ? 1 : 0);
  const wants = random.fork('wants');
  const users = Array.from({ length: userCount }, () => drawWants(wants, files.length, faultsEndMs));
  if (hasRoommate) users[userCount - 1] = drawSameWants(wants, users[0] ?? []);
  const puts = drawPuts(random.fork('puts'), userCount, faultsEndMs);
  const happenings = drawHappenings(random.fork('happenings'), {
    faults,
    files,
    users,
    puts,
    endMs: faultsEndMs,
  });
  return {
    seed,
    files,
    users,
    kinds: drawKinds(random.fork('kinds'), faults, userCount),
    hasRoommate,
    twin: faults.has('twin')
      ? drawTwin(random.fork('twin'), userCount - (hasRoommate ? 1 : 0), faultsEndMs)
      : undefined,
    folder: drawFolder(random.fork('folder'), userCount, faultsEndMs),
    puts,
    gifts: drawGifts(random.fork('gifts'), faults, userCount, faultsEndMs),
    ...drawRates(random.fork('rates'), faults),
    rules: drawRules(random.fork('limits'), faults, { files, puts }),
    faultsEndMs,
    control: {
      delayMsMin: random.pick([0, 5, 50, 200]),
      delayMsMax: random.pick([201, 250, 900]),
      chunkBytesMax: random.pick([64, 65_536, 65_536]),
      windowBytes: 262_144,
    },
    path: drawPath(random.fork('path'), faults),
    clientDisk: drawDisk(random.fork('client disk'), faults, { isServer: false, endMs: faultsEndMs }),
    serverDisk: drawDisk(random.fork('server disk'), faults, { isServer: true, endMs: faultsEndMs }),
    hashedFirstBytesMax: random.fork('hashing').pick([0, 0, chunkBytes, Number.POSITIVE_INFINITY]),
    deaths: drawDeaths(random.fork('deaths'), faults, userCount),
    losesPowerWhenDone: faults.has('late-power-losses'),
    happenings,
  };
}

function drawFiles(random: Random): number[] {
  // Now and then a long one, so that it shows whether a transfer goes on or begins anew.
  const large = random.chance(0.35) ? [random.integer(7, 14) * chunkBytes + random.integer(0, 1_000)] : [];
  const count = random.pick([1, 1, 2, 3, 6]) - large.length;
  return [...large, ...Array.from({ length: count }, () => random.pick(SIZES))];
}

function drawWants(random: Random, fileCount: number, endMs: number): PlannedWant[] {
  const wants: PlannedWant[] = [];
  for (let file = 0; file < fileCount; file += 1) {
    if (file > 0 && random.chance(0.2)) continue;
    wants.push({ file, atMs: Math.floor(random.ratio() * random.ratio() * endMs) });
  }
  return wants;
}

/** Where accounts end, users have some. */
function drawKinds(random: Random, faults: ReadonlySet<TransferFaultName>, userCount: number): UserKind[] {
  const hasAccounts = faults.has('revocations') || faults.has('deletions') || faults.has('promotions');
  return Array.from({ length: userCount }, () =>
    hasAccounts ? random.pick(['guest', 'password', 'password', 'token', 'token']) : 'guest',
  );
}

/** Wants the same as somebody else, at about the same times. */
function drawSameWants(random: Random, wants: readonly PlannedWant[]): PlannedWant[] {
  return wants.map(({ file, atMs }) => ({ file, atMs: atMs + Math.floor(random.ratio() ** 4 * 5_000) }));
}

/** Two users are needed for it. */
function drawTwin(random: Random, userCount: number, endMs: number): PlannedTwin | undefined {
  if (userCount < 2) return undefined;
  const isSame = random.chance(0.6);
  const size = () => (random.chance(0.5) ? random.integer(3, 9) * chunkBytes + 1 : random.pick(SIZES));
  const first = size();
  const atMs = Math.floor(random.ratio() ** 2 * endMs);
  const other = random.integer(1, userCount - 1);
  return {
    users: [0, other],
    sizes: [first, isSame ? first : size()],
    isSame,
    atMs: [atMs, atMs + Math.floor(random.ratio() ** 4 * 5_000)],
  };
}

/** In a third of the runs there is a folder. */
function drawFolder(random: Random, userCount: number, endMs: number): PlannedFolder | undefined {
  if (random.chance(0.67)) return undefined;
  const files = drawFolderFiles(random);
  const users = Array.from({ length: userCount }, (_, user) => user).filter(() => random.chance(0.7));
  return { files, wants: users.map((user) => ({ user, atMs: Math.floor(random.ratio() ** 2 * endMs) })) };
}

function drawFolderFiles(random: Random): number[] {
  return Array.from({ length: random.integer(0, 12) }, () => {
    return random.chance(0.1) ? 700_000 : Math.floor(logarithmic(random, 1, 100_000)) - 1;
  });
}

/** In half of the runs nobody has anything to give. */
function drawPuts(random: Random, userCount: number, endMs: number): PlannedPut[][] {
  const countMax = random.pick([0, 0, 1, 2, 4]);
  return Array.from({ length: userCount }, (_, user) => {
    return Array.from({ length: Math.min(countMax, random.integer(0, 4)) }, () => {
      const others = Array.from({ length: userCount }, (_, index) => index).filter((index) => index !== user);
      const to = others.length > 0 && random.chance(0.5) ? random.pick(others) : undefined;
      const isLarge = random.chance(0.3);
      const size = isLarge
        ? random.integer(3, 9) * chunkBytes + random.integer(0, 1_000)
        : random.pick(SIZES);
      return {
        size,
        atMs: Math.floor(random.ratio() * random.ratio() * endMs),
        to,
        isAccepted: random.chance(0.8),
        isTold: random.chance(0.8),
      };
    });
  });
}

/** In a third of the runs there are some, where nothing is read wrong and there is room. */
function drawGifts(
  random: Random,
  faults: ReadonlySet<TransferFaultName>,
  userCount: number,
  endMs: number,
): PlannedGift[] {
  if (random.chance(0.67) || faults.has('own-flips') || faults.has('little-room')) return [];
  const users = Array.from({ length: userCount }, (_, user) => user).filter(() => random.chance(0.7));
  return users.map((user) => {
    const others = Array.from({ length: userCount }, (_, index) => index).filter((index) => index !== user);
    // Nobody has seen what was sent in a list: what is read wrong of it is found out by nobody (CHAT-FOLDER-4).
    const isSent = others.length > 0 && !faults.has('flips') && random.chance(0.5);
    return {
      user,
      files: drawFolderFiles(random),
      atMs: Math.floor(random.ratio() ** 2 * endMs),
      to: isSent ? random.pick(others) : undefined,
      isAccepted: random.chance(0.8),
    };
  });
}

/** Slow enough to be felt, and fast enough for all that is wanted. */
function drawRates(
  random: Random,
  faults: ReadonlySet<TransferFaultName>,
): Pick<TransferPlan, 'rates' | 'bytesPerSecondMax'> {
  if (!faults.has('rates')) return { rates: {}, bytesPerSecondMax: undefined };
  const rate = () => Math.floor(logarithmic(random, 200_000, 5_000_000));
  const limits = () => {
    const bytesPerSecondMax = random.chance(0.5) ? rate() : undefined;
    return { bytesPerSecondMax, bytesPerSecondPerOwnerMax: random.chance(0.5) ? rate() : undefined };
  };
  const rates = { download: limits(), upload: limits() };
  return { rates, bytesPerSecondMax: random.chance(0.4) ? rate() : undefined };
}

/** Mostly far above what there is; sometimes there is no room for all. */
function drawRules(
  random: Random,
  faults: ReadonlySet<TransferFaultName>,
  { files, puts }: { readonly files: readonly number[]; readonly puts: readonly (readonly PlannedPut[])[] },
): ServerRules {
  if (!faults.has('little-room')) return ORDINARY_RULES;
  const shared = files.reduce((sum, size) => sum + size, 0);
  const given = puts.flat().reduce((sum, { size }) => sum + size, 0);
  const userBytesMax = Math.floor(given * random.pick([0.3, 0.7, 2]));
  const folderBytesMax = shared + Math.floor(given * random.pick([0.5, 0.9, 2]));
  return { ...ORDINARY_RULES, uploadLimits: { ...DEFAULT_UPLOAD_LIMITS, userBytesMax, folderBytesMax } };
}

function drawPath(random: Random, faults: ReadonlySet<TransferFaultName>): StreamPathPlan {
  return {
    delayMs: random.pick([1, 10, 50, 200]),
    jitterMs: faults.has('reordering') ? random.integer(1, 100) : 0,
    bytesPerMs: logarithmic(random, 100, 20_000),
    windowBytes: random.pick([16_384, 65_536, 262_144]),
    segmentBytesMax: random.pick([4_000, 16_384, 65_536]),
    lossRatio: faults.has('loss') ? random.ratio() * 0.3 : 0,
    breaksAfterBytes: faults.has('worn-lines')
      ? Math.floor(logarithmic(random, 100_000, 3_000_000))
      : undefined,
  };
}

function drawDisk(
  random: Random,
  faults: ReadonlySet<TransferFaultName>,
  { isServer, endMs }: { readonly isServer: boolean; readonly endMs: number },
): DiskFaultsPlan {
  const isFailing = faults.has(isServer ? 'server-disk-errors' : 'disk-errors');
  const fromMs = random.ratio() * endMs;
  return {
    ...SOUND_DISK,
    shortWriteRatio: faults.has('short-writes') ? random.pick([0.01, 0.1, 0.9]) : 0,
    errorRatio: isFailing ? logarithmic(random, 0.0005, 0.05) : 0,
    errorCode: random.pick(['EIO', 'EIO', 'ENOSPC', 'EDQUOT', 'EACCES']),
    stallRatio: faults.has('stalls') ? logarithmic(random, 0.001, 0.05) : 0,
    stallMsMax: logarithmic(random, 1, 5_000),
    latencyMsMax: random.pick([0, 1, 10, faults.has('slow-disk') ? 2_000 : 1]),
    flipRatio: faults.has(isServer ? 'flips' : 'own-flips') ? logarithmic(random, 0.01, 0.3) : 0,
    fullTimes: faults.has(isServer ? 'full-server-disk' : 'full-disk')
      ? [{ fromMs, untilMs: fromMs + (endMs - fromMs) / 2 }]
      : [],
    folderTroubles: faults.has(isServer ? 'server-folder-troubles' : 'folder-troubles')
      ? drawFolderTroubles(random, endMs)
      : [],
    linkCode:
      faults.has('no-links') && random.chance(0.7)
        ? random.pick(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV'])
        : undefined,
    crossingRatio: faults.has('crossings') ? random.pick([0, 0.1, 0.5, 1]) : 0,
  };
}

/** One after the other. */
function drawFolderTroubles(random: Random, endMs: number): DiskFaultsPlan['folderTroubles'] {
  const count = random.integer(1, 3);
  return Array.from({ length: count }, (_, index) => {
    const fromMs = ((index + random.ratio()) * endMs) / count;
    const untilMs = Math.min(((index + 1) * endMs) / count, fromMs + logarithmic(random, 10, 60_000));
    return { fromMs, untilMs, what: random.pick(['missing', 'unmounted', 'read-only'] as const) };
  });
}

/** At least one process dies in each run. */
function drawDeaths(
  random: Random,
  faults: ReadonlySet<TransferFaultName>,
  userCount: number,
): PlannedDeath[] {
  const count = faults.has('many-deaths') ? random.integer(2, 12) : 1;
  const lives = new Map<Party, number>();
  return Array.from({ length: count }, () => {
    const party: Party = random.chance(0.35) ? 'server' : random.integer(0, userCount - 1);
    const life = (lives.get(party) ?? 0) + 1;
    lives.set(party, life);
    const death: DeathKind = faults.has('power-losses') && random.chance(0.6) ? 'power-loss' : 'kill';
    return { party, life, step: Math.floor(logarithmic(random, 1, STEP_MAX)), death };
  });
}
