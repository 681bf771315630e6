import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/**
 * The words that every driver speaks, whatever its language, so that a new peer is one small program:
 *
 * - `DRIVER recv HOST PORT` prints `READY` when a sender may come. At SIGTERM it prints one line of JSON,
 *   `{"bytes":N,"samples":[[nanoseconds,bytes],…]}` on the system's monotonic clock, about 20 samples a second, and exits.
 *   It may name its `backend` as well.
 * - `DRIVER send HOST PORT` prints `START nanoseconds` right before it connects, and sends until it is killed.
 *
 * With a fourth argument, BYTES, the sender sends that many and ends the stream, and the receiver prints `DONE nanoseconds` when
 * it has them all. Where the environment names FILES, a folder, the bytes are those of its file `source`, and go into its file
 * `target`.
 */
export interface StreamDriver {
  /**
   * Hands over the stream of each sender that comes; resolves when they may come. Who has a better way into a file goes it where the
   * environment names FILES, and tells what it has written.
   */
  receive(
    host: string,
    port: number,
    accept: (stream: Readable) => void,
    written: (byteLength: number) => void,
  ): Promise<void>;
  /** Connects and gives the stream to fill. */
  send(host: string, port: number): Writable;
  /** The same, filled with the bytes of a file: for who has a better way out of one than its stream. */
  sendFile?(host: string, port: number, path: string): Writable;
  /** What else the receiver wants to say of a run. */
  report?(): Readonly<Record<string, string | undefined>>;
}

/** Nanoseconds on the system's monotonic clock. */
export function nanosecondsNow(): number {
  return Number(process.hrtime.bigint());
}

const { FILES } = process.env;
const SAMPLE_INTERVAL_MS = 50;
const WATCH_INTERVAL_MS = 5;
const CHUNK_BYTES = 262_144;

/** Where a driver's other end is, and how many bytes it is to move; without a number it goes on until it is killed. */
interface DriverTarget {
  readonly host: string;
  readonly port: number;
  readonly bytes: number | undefined;
}

/** Reads a driver's command line: `recv` or `send`, host, port, perhaps a number of bytes. Throws an Error with what is wrong. */
export function parseDriverArguments(
  args: readonly string[],
): DriverTarget & { readonly role: 'recv' | 'send' } {
  const [role, host, portText, bytesText] = args;
  const port = Number(portText);
  const bytes = bytesText === undefined ? undefined : Number(bytesText);
  const isWhole = Number.isInteger(port) && (bytes === undefined || (Number.isInteger(bytes) && bytes > 0));
  if (host === undefined || !isWhole || (role !== 'recv' && role !== 'send')) {
    throw new Error(`expected recv or send, HOST, PORT and perhaps BYTES, got ${args.join(' ')}`);
  }
  return { role, host, port, bytes };
}

/** Runs a driver as the command line tells. */
export async function runDriver(driver: StreamDriver, args: readonly string[]): Promise<void> {
  const { role, host, port, bytes } = parseDriverArguments(args);
  if (role === 'send') {
    writeSync(1, `START ${nanosecondsNow()}\n`);
    const stream =
      FILES === undefined ? driver.send(host, port) : sendFile(driver, { host, port, folder: FILES });
    stream.on('error', (error) => {
      process.stderr.write(`send: ${error.message}\n`);
      process.exit(1);
    });
    if (FILES !== undefined) return;
    if (bytes === undefined) pump(stream);
    else pumpBytes(stream, bytes);
    return;
  }
  const report = new ReceiverReport(bytes, driver.report);
  const accept = (stream: Readable) => {
    stream.on('error', (error) => process.stderr.write(`recv: ${error.message}\n`));
    if (FILES !== undefined) keep(stream, join(FILES, 'target'), report);
    else stream.on('data', (chunk: Uint8Array) => report.add(chunk.length));
  };
  await driver.receive(host, port, accept, (byteLength) => report.add(byteLength));
  report.ready();
}

function sendFile(driver: StreamDriver, to: { host: string; port: number; folder: string }): Writable {
  const path = join(to.folder, 'source');
  const { host, port } = to;
  if (driver.sendFile !== undefined) return driver.sendFile(host, port, path);
  return createReadStream(path, { highWaterMark: CHUNK_BYTES }).pipe(driver.send(host, port));
}

/** What a receiver tells: samples while it runs, `DONE` when it has all that it waits for. */
export class ReceiverReport {
  readonly #samples: [number, number][] = [];
  readonly #bytesWanted: number | undefined;
  readonly #more: (() => object) | undefined;
  #bytes = 0;
  #isDone = false;

  /** `more`: what the report at the end tells beside the bytes. */
  constructor(bytesWanted: number | undefined, more?: () => object) {
    this.#bytesWanted = bytesWanted;
    this.#more = more;
  }

  add(byteLength: number): void {
    const areFirst = this.#bytes === 0 && byteLength > 0;
    this.#bytes += byteLength;
    // When the first ones came is a figure of its own.
    if (areFirst) this.#sample();
    if (this.#isDone || this.#bytesWanted === undefined || this.#bytes < this.#bytesWanted) return;
    this.#isDone = true;
    this.#sample();
    writeSync(1, `DONE ${nanosecondsNow()}\n`);
  }

  /** Says that a sender may come, and begins to take samples. */
  ready(): void {
    setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS);
    process.on('SIGTERM', () => {
      this.#sample();
      writeSync(1, `${JSON.stringify({ bytes: this.#bytes, samples: this.#samples, ...this.#more?.() })}\n`);
      process.exit(0);
    });
    writeSync(1, 'READY\n');
  }

  #sample(): void {
    this.#samples.push([nanosecondsNow(), this.#bytes]);
  }
}

/** Writes a stream to a file, and reports what is written. */
function keep(stream: Readable, path: string, report: ReceiverReport): void {
  const file = createWriteStream(path);
  let seenBytes = 0;
  setInterval(() => {
    report.add(file.bytesWritten - seenBytes);
    seenBytes = file.bytesWritten;
  }, WATCH_INTERVAL_MS);
  stream.pipe(file);
}

/** Keeps a stream full of bytes that do not compress. */
function pump(stream: Writable): void {
  const chunk = randomBytes(CHUNK_BYTES);
  const fill = () => {
    while (stream.write(chunk));
    stream.once('drain', fill);
  };
  fill();
}

/** Fills a stream with that many bytes and ends it. */
function pumpBytes(stream: Writable, bytes: number): void {
  const chunk = randomBytes(CHUNK_BYTES);
  let restBytes = bytes;
  const fill = () => {
    while (restBytes > 0) {
      const part = chunk.subarray(0, Math.min(restBytes, CHUNK_BYTES));
      restBytes -= part.length;
      if (!stream.write(part) && restBytes > 0) {
        stream.once('drain', fill);
        return;
      }
    }
    stream.end();
  };
  fill();
}
