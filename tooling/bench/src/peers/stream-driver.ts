import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/**
 * The words that every driver speaks, whatever its language, so that a new peer is one small program:
 *
 * - `DRIVER recv HOST PORT` prints `READY` when a sender may come. At SIGTERM it prints one line of JSON,
 *   `{"bytes":N,"samples":[[nanoseconds,bytes],…]}` on the system's monotonic clock, about 20 samples a second, and exits.
 *   It may name its `backend` as well.
 * - `DRIVER send HOST PORT` prints `START nanoseconds` right before it connects, and sends until it is killed.
 */
export interface StreamDriver {
  /** Calls `received` with every number of bytes that arrived; resolves when senders may come. */
  receive(host: string, port: number, received: (byteLength: number) => void): Promise<void>;
  /** Connects and gives the stream to fill. */
  send(host: string, port: number): Writable;
  /** What else the receiver wants to say of a run. */
  report?(): Readonly<Record<string, string | undefined>>;
}

/** Nanoseconds on the system's monotonic clock. */
export function nanosecondsNow(): number {
  return Number(process.hrtime.bigint());
}

const sampleIntervalMs = 50;
const chunkBytes = 262_144;

/** Runs a driver as the command line tells: `recv` or `send`, host, port. */
export async function runDriver(driver: StreamDriver, args: readonly string[]): Promise<void> {
  const [role, host, portText] = args;
  const port = Number(portText);
  if (host === undefined || !Number.isInteger(port) || (role !== 'recv' && role !== 'send')) {
    throw new Error(`expected recv or send, HOST and PORT, got ${args.join(' ')}`);
  }
  if (role === 'send') {
    writeSync(1, `START ${nanosecondsNow()}\n`);
    pump(driver.send(host, port));
    return;
  }
  await receive(driver, host, port);
}

async function receive(driver: StreamDriver, host: string, port: number): Promise<void> {
  const samples: [number, number][] = [];
  let bytes = 0;
  const sample = () => samples.push([nanosecondsNow(), bytes]);
  await driver.receive(host, port, (byteLength) => {
    bytes += byteLength;
  });
  setInterval(sample, sampleIntervalMs);
  process.on('SIGTERM', () => {
    sample();
    writeSync(1, `${JSON.stringify({ bytes, samples, ...driver.report?.() })}\n`);
    process.exit(0);
  });
  writeSync(1, 'READY\n');
}

/** Keeps a stream full of bytes that do not compress. */
function pump(stream: Writable): void {
  const chunk = randomBytes(chunkBytes);
  stream.on('error', (error) => {
    process.stderr.write(`send: ${error.message}\n`);
    process.exit(1);
  });
  const fill = () => {
    while (stream.write(chunk));
    stream.once('drain', fill);
  };
  fill();
}
