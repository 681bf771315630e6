import { createRandom, type Random } from '@parley/netsim';
import type { Allowance, ServerLimits } from '@parley/server-core';
import type { StreamOptions } from '../byte-stream.ts';
import type { EntranceKind } from '../entrance.ts';
import { drawHappenings } from './draw-happenings.ts';
import { type ChatFaultName, drawChatFaults } from './faults.ts';
import type { ChatPlan } from './plan.ts';

/** Draws the plan of a seed: the same one each time. */
export function drawChatPlan(seed: number): ChatPlan {
  const random = createRandom(`chat ${seed}`);
  const faults = drawChatFaults(random.fork('faults'));
  const users = random.integer(1, 6);
  const isLong = random.chance(0.1);
  const talkEndsMs = isLong ? random.integer(120_000, 400_000) : random.integer(5_000, 60_000);
  const faultsEndMs = Math.floor(talkEndsMs * (0.5 + random.ratio() / 2));
  const people = drawPeople(random.fork('people'), users, faults);
  const devices = drawDevices(random.fork('devices'), people.entrances, faults);
  const deviceCount = devices.reduce((sum, count) => sum + count, 0);
  const isSmall = faults.has('small-queues');
  return {
    seed,
    users,
    actionEveryMs: isLong ? random.integer(5_000, 40_000) : random.integer(100, 2_000),
    faultsEndMs,
    talkEndsMs,
    longTexts: random.chance(0.2),
    ...people,
    devices,
    deletesAccounts: random.fork('deletions').chance(0.4),
    stream: drawStream(random.fork('stream'), faults),
    storeLatencyMsMax: random.pick([0, 1, 5, 50, faults.has('slow-store') ? 2_000 : 100]),
    limits: drawLimits(random.fork('limits'), faults),
    sendQueueBytesMax: isSmall ? random.integer(2_000, 40_000) : 1_048_576,
    isForgetful: faults.has('forgetful-server'),
    happenings: drawHappenings(random.fork('happenings'), { faults, users: deviceCount, endMs: faultsEndMs }),
  };
}

const ENTRANCES = ['guest', 'password', 'key', 'token'] as const;

/** Half of the runs have guests only. */
function drawPeople(
  random: Random,
  users: number,
  faults: ReadonlySet<ChatFaultName>,
): Pick<ChatPlan, 'entrances' | 'isModerated'> {
  const hasAccounts = random.chance(0.5);
  const draw = () => (hasAccounts ? random.pick(ENTRANCES) : 'guest');
  // A sanction ends by the wall clock: one that is set back by hours keeps somebody out until the run is over.
  const isModerated = random.chance(0.5) && !faults.has('clock-jumps');
  return { entrances: Array.from({ length: users }, draw), isModerated };
}

/** Guests have one, and everybody where there is hardly room for that. */
function drawDevices(
  random: Random,
  entrancesOfUsers: readonly EntranceKind[],
  faults: ReadonlySet<ChatFaultName>,
): number[] {
  const countMax = faults.has('few-connections') || random.chance(0.3) ? 1 : 3;
  return entrancesOfUsers.map((kind) => (kind === 'guest' ? 1 : random.integer(1, countMax)));
}

function drawStream(random: Random, faults: ReadonlySet<ChatFaultName>): StreamOptions {
  const delayMsMin = faults.has('slow-lines') ? random.integer(50, 800) : random.integer(0, 20);
  const delayMsMax = delayMsMin + (faults.has('jitter') ? random.integer(50, 1_500) : 1);
  const small = random.pick([1, 3, 16, 64]);
  return {
    delayMsMin,
    delayMsMax,
    chunkBytesMax: faults.has('split-frames') ? small : 65_536,
    windowBytes: faults.has('small-queues') ? random.integer(500, 8_000) : 262_144,
  };
}

function drawLimits(random: Random, faults: ReadonlySet<ChatFaultName>): Partial<ServerLimits> {
  const allowance = (burstMin: number, burstMax: number): Allowance => ({
    burst: random.integer(burstMin, burstMax),
    perSecond: random.integer(1, 5),
  });
  return {
    ...(faults.has('small-batches') && {
      queuedWritesMax: random.integer(1, 20),
      writesPerBatchMax: random.integer(1, 6),
    }),
    ...(faults.has('retention') && {
      historyMessagesMax: random.integer(3, 60),
      historyAgeMsMax: random.chance(0.5) ? random.integer(3_000, 60_000) : undefined,
      forgetEveryMs: random.integer(500, 10_000),
    }),
    ...(faults.has('small-allowances') && {
      messages: allowance(3, 20),
      history: allowance(2, 10),
      requests: allowance(20, 40),
    }),
    ...(faults.has('few-rooms') && {
      roomsMax: random.integer(2, 4),
      roomsPerUserMax: random.integer(1, 3),
      directRoomsPerUserMax: random.integer(1, 2),
    }),
    ...(faults.has('few-connections') && {
      connectionsMax: random.integer(6, 9),
      connectionsPerAddressMax: random.integer(2, 4),
    }),
    presenceIntervalMs: random.pick([0, 1_000, 1_000]),
  };
}
