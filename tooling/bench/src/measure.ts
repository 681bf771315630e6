import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsOf, messageOf, Program } from '@parley/programs';
import type { Place, Side } from './link/place.ts';
import type { Peer } from './peers/peer.ts';
import { nanosecondsNow } from './peers/stream-driver.ts';

/** What one run of one peer reached. */
export interface Measurement {
  readonly peer: string;
  readonly profile: string;
  /** Which repetition, from 1. */
  readonly repetition: number;
  readonly seconds: number;
  /** What the receiving program got from the sender's start on, connecting included. */
  readonly goodputMbps: number;
  /** The same in the second half of the run. */
  readonly steadyMbps: number;
  /** Bytes on the wire (IP packets from sender to receiver) per byte received; null where nobody counts. */
  readonly wireRatio: number | null;
  /** Processor time of both ends from the sender's start on; null where the system does not tell. */
  readonly cpuSeconds: number | null;
  /** Megabytes (10^6) per second of it. */
  readonly megabytesPerCpuSecond: number | null;
  /** How a peer that has several ways to the system got there. */
  readonly backend?: string | undefined;
  readonly bytes: number;
  /** From the sender's start until bytes were there; null when none came. */
  readonly firstBytesMs: number | null;
}

/** How long one peer took for a number of bytes. */
export interface Completion {
  readonly peer: string;
  readonly profile: string;
  readonly repetition: number;
  readonly bytes: number;
  /** From before the sender connected until the receiving program had the last byte. */
  readonly completeMs: number;
}

/** How one run went, every 50 ms. */
export interface Timeline {
  readonly peer: string;
  readonly profile: string;
  /** Milliseconds since the sender's start, Mbit/s since the point before. */
  readonly goodput: readonly (readonly [number, number])[];
  /** Milliseconds since the sender's start, congestion window (bytes), smoothed round trip (ms), pacing rate (bytes/s); only ours tells. */
  readonly statistics: readonly (readonly [number, number, number, number])[];
}

/** A peer's failed run. */
export interface FailedMeasurement {
  readonly peer: string;
  readonly profile: string;
  readonly repetition: number;
  readonly error: string;
}

/** Receiver's samples: nanoseconds on the monotonic clock, and bytes until then. */
export type Samples = readonly (readonly [number, number])[];

const READY_LIMIT_MS = 5_000;
const HELPER_START_MS = 300;

/** Where and how long a peer is measured. */
export interface Run {
  readonly place: Place;
  readonly seconds: number;
  readonly repetition: number;
  /** Measures until so many bytes are there, for `seconds` at most, instead of counting what came within them. */
  readonly bytes: number | undefined;
}

/** Measures one run of one peer. */
export async function measure(peer: Peer, run: Run): Promise<Measurement | Completion | FailedMeasurement> {
  const { place, repetition, bytes } = run;
  const identity = { peer: peer.name, profile: place.name, repetition };
  try {
    return await withDrivers(peer, place, async (drivers) => ({
      ...identity,
      ...(bytes === undefined ? await stream(run, drivers) : await complete(bytes, run, drivers)),
    }));
  } catch (error) {
    return { ...identity, error: messageOf(error) };
  }
}

/** Runs a peer once and tells how it went over time. Throws an Error when the run fails. */
export function measureTimeline(peer: Peer, place: Place, seconds: number): Promise<Timeline> {
  const talkative = { ...peer, environment: { ...peer.environment, STATISTICS: 'print' } };
  return withDrivers(talkative, place, async ({ startSender, receiver }) => {
    const { sender, startNs } = await startSender();
    await Promise.race([sleep(seconds * 1000), sender.rejectAtEnd(), receiver.rejectAtEnd()]);
    const { samples } = await reportOf<{ samples: Samples }>(receiver);
    const goodput = goodputSeries(samples, startNs).filter(([ms]) => ms <= seconds * 1000);
    const statistics = peer.name === 'parley' ? await statisticsOf(sender, startNs) : [];
    return { peer: peer.name, profile: place.name, goodput, statistics };
  });
}

/** What runs while a peer is measured. The receiver is ready. */
interface Drivers {
  readonly receiver: Program;
  /** Gives the sender, and when it began. */
  startSender(): Promise<{ readonly sender: Program; readonly startNs: number }>;
  /** Processor time of all of them so far, in seconds. */
  cpuSeconds(): number;
}

/** Starts a peer's receiver and whatever stands in between, and ends them all afterwards. */
async function withDrivers<T>(peer: Peer, place: Place, body: (drivers: Drivers) => Promise<T>): Promise<T> {
  const processes: Program[] = [];
  const start = (side: Side, command: readonly string[]) => {
    const driver = new Program(place.commandOn(side, command), {
      env: { ...process.env, ...peer.environment },
    });
    processes.push(driver);
    return driver;
  };
  try {
    // Also for a peer that does not name one: what the one before it has set is not its own.
    place.useCongestionControl(peer.congestionControl);
    const helpers = peer.helpers.map(({ side, command }) => start(side, command).rejectAtEnd());
    if (helpers.length > 0) await Promise.race([sleep(HELPER_START_MS), ...helpers]);
    const receiver = start('receiver', peer.receive);
    await receiver.stdout.line(/READY/, READY_LIMIT_MS);
    return await body({
      receiver,
      startSender: async () => {
        const sender = start('sender', peer.send);
        const [, startNs] = await sender.stdout.line(/START (\d+)$/, READY_LIMIT_MS);
        return { sender, startNs: Number(startNs) };
      },
      cpuSeconds: () => processes.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
    });
  } finally {
    await Promise.all(processes.map((driver) => driver.kill()));
    // What is still on the wire must not meet the next peer.
    await sleep(150 + 2 * place.roundTripMs);
  }
}

/** Lets the sender go on until the time is over. */
async function stream({ place, seconds }: Run, { receiver, startSender, cpuSeconds }: Drivers) {
  const wireBefore = place.bytesOnWire();
  const { sender, startNs } = await startSender();
  const cpuBefore = cpuSeconds();
  const over = sleep(seconds * 1000 - (nanosecondsNow() - startNs) / 1e6);
  await Promise.race([over, sender.rejectAtEnd(), receiver.rejectAtEnd()]);
  const cost = cpuSeconds() - cpuBefore;
  const wireAfter = place.bytesOnWire();
  const wireBytes = wireBefore === undefined || wireAfter === undefined ? undefined : wireAfter - wireBefore;
  const { samples, backend } = await reportOf<{ samples: Samples; backend?: string }>(receiver);
  const complaints = `${sender.complaints} ${receiver.complaints}`.trim();
  if (complaints !== '') throw new Error(complaints);
  const figures = evaluate(samples, { startNs, seconds, wireBytes });
  const megabytesPerCpuSecond = cost === 0 ? null : figures.bytes / 1e6 / cost;
  return { seconds, backend, cpuSeconds: cost === 0 ? null : cost, megabytesPerCpuSecond, ...figures };
}

/** Waits until the receiver has all bytes. */
async function complete(bytes: number, { seconds }: Run, { receiver, startSender }: Drivers) {
  const { sender, startNs } = await startSender();
  const done = receiver.stdout.line(/DONE (\d+)$/, seconds * 1000);
  const [, doneNs] = await Promise.race([done, sender.rejectAtFailure()]);
  return { bytes, completeMs: (Number(doneNs) - startNs) / 1e6 };
}

/** Ends a driver and reads what it tells then. */
async function reportOf<T>(driver: Program): Promise<T> {
  driver.signal('SIGTERM');
  const [report] = await driver.stdout.line(/\{.*\}$/, READY_LIMIT_MS);
  return JSON.parse(report);
}

async function statisticsOf(sender: Program, startNs: number): Promise<Timeline['statistics']> {
  const { statistics } = await reportOf<{ statistics: Timeline['statistics'] }>(sender);
  return statistics.map(([atNs, ...rest]) => [(atNs - startNs) / 1e6, ...rest]);
}

/** Mbit/s between the receiver's samples. */
function goodputSeries(samples: Samples, startNs: number): [number, number][] {
  const points: [number, number][] = [];
  let [beforeNs, before] = [startNs, 0];
  for (const [atNs, bytes] of samples) {
    if (atNs <= startNs) continue;
    points.push([(atNs - startNs) / 1e6, ((bytes - before) * 8e3) / (atNs - beforeNs)]);
    [beforeNs, before] = [atNs, bytes];
  }
  return points;
}

/** Figures out of a receiver's samples. */
export function evaluate(
  samples: Samples,
  run: { readonly startNs: number; readonly seconds: number; readonly wireBytes: number | undefined },
): Pick<Measurement, 'goodputMbps' | 'steadyMbps' | 'wireRatio' | 'bytes' | 'firstBytesMs'> {
  const { startNs, seconds, wireBytes } = run;
  const bytes = bytesAt(samples, startNs + seconds * 1e9);
  const bytesHalfWay = bytesAt(samples, startNs + seconds * 0.5e9);
  const first = samples.find(([, received]) => received > 0);
  return {
    goodputMbps: (bytes * 8e-6) / seconds,
    steadyMbps: ((bytes - bytesHalfWay) * 8e-6) / (seconds / 2),
    wireRatio: wireBytes === undefined || bytes === 0 ? null : wireBytes / bytes,
    bytes: Math.round(bytes),
    firstBytesMs: first === undefined ? null : (first[0] - startNs) / 1e6,
  };
}

/** Bytes received by a time, interpolated between the samples around it. */
function bytesAt(samples: Samples, timeNs: number): number {
  let [beforeNs, before] = [Number.NEGATIVE_INFINITY, 0];
  for (const [sampleNs, received] of samples) {
    if (sampleNs >= timeNs) {
      if (beforeNs === Number.NEGATIVE_INFINITY) return 0;
      return before + ((received - before) * (timeNs - beforeNs)) / (sampleNs - beforeNs);
    }
    [beforeNs, before] = [sampleNs, received];
  }
  return before;
}
