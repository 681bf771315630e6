import { setTimeout as sleep } from 'node:timers/promises';
import { DriverProcess } from './driver-process.ts';
import type { Place } from './link/place.ts';
import type { Peer } from './peers/registry.ts';
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
  /** Processor time of both ends. */
  readonly cpuSeconds: number;
  /** Megabytes (10^6) per second of it. */
  readonly megabytesPerCpuSecond: number;
  /** How a peer that has several ways to the system got there. */
  readonly backend?: string | undefined;
  readonly bytes: number;
  /** From the sender's start until bytes were there; null when none came. */
  readonly firstBytesMs: number | null;
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

const readyLimitMs = 5_000;
const helperStartMs = 300;

/** Lets a peer send for some seconds and counts what arrived within them. */
export async function measure(
  peer: Peer,
  run: { readonly place: Place; readonly seconds: number; readonly repetition: number },
): Promise<Measurement | FailedMeasurement> {
  const { place, seconds, repetition } = run;
  const processes: DriverProcess[] = [];
  const start = (side: 'sender' | 'receiver', command: readonly string[]) => {
    const driver = new DriverProcess(place.commandOn(side, command), peer.environment);
    processes.push(driver);
    return driver;
  };
  const identity = { peer: peer.name, profile: place.name, repetition };
  try {
    if (peer.congestionControl !== undefined) place.useCongestionControl(peer.congestionControl);
    for (const { side, command } of peer.helpers) start(side, command);
    if (peer.helpers.length > 0) await sleep(helperStartMs);
    const receiver = start('receiver', peer.receive);
    await receiver.waitFor(/READY/, readyLimitMs);
    const wireBefore = place.bytesOnWire();
    const sender = start('sender', peer.send);
    const startNs = Number((await sender.waitFor(/START (\d+)\n/, readyLimitMs))[1]);
    await sleep(seconds * 1000 - (nanosecondsNow() - startNs) / 1e6);
    const cpuSeconds = processes.reduce((sum, driver) => sum + driver.cpuSeconds(), 0);
    const wireAfter = place.bytesOnWire();
    receiver.terminate();
    const [report] = await receiver.waitFor(/\{.*\}\n/, readyLimitMs);
    if (sender.complaints !== '') throw new Error(sender.complaints);
    const { samples, backend }: { samples: Samples; backend?: string } = JSON.parse(report);
    const wireBytes =
      wireBefore === undefined || wireAfter === undefined ? undefined : wireAfter - wireBefore;
    const figures = evaluate(samples, { startNs, seconds, wireBytes });
    const megabytesPerCpuSecond = cpuSeconds === 0 ? 0 : figures.bytes / 1e6 / cpuSeconds;
    return { ...identity, seconds, backend, cpuSeconds, megabytesPerCpuSecond, ...figures };
  } catch (error) {
    return { ...identity, error: error instanceof Error ? error.message : String(error) };
  } finally {
    await Promise.all(processes.map((driver) => driver.kill()));
    // What is still on the wire must not meet the next peer.
    await sleep(150 + 2 * place.roundTripMs);
  }
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
