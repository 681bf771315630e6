import type { NetworkDrop } from './network.ts';

/** One datagram as the network saw it. */
export interface TraceRecord {
  /** Counts the datagrams of a simulation, from 0. */
  readonly index: number;
  readonly sentAtMs: number;
  /** Node names; `to` is an address as text when nobody has it. */
  readonly from: string;
  readonly to: string;
  readonly byteLength: number;
  /** The first bytes (32 unless told otherwise), before any corruption. */
  readonly firstBytes: Uint8Array;
  /** As decided when it was sent. One that was on its way when its target's address went away still reads `delivered`. */
  readonly fate: 'delivered' | NetworkDrop;
  /** When it arrived or will arrive: no time, one, or two when it was duplicated. */
  readonly deliveredAtMs: readonly number[];
  readonly isCorrupted: boolean;
  readonly isHeldBack: boolean;
}

/** The datagrams of a simulation. Only so many records are kept, the latest ones; all are counted. */
export class Trace {
  readonly firstBytesMax: number;
  readonly #recordsMax: number;
  #records: TraceRecord[] = [];
  #seen = 0;

  constructor(options: { recordsMax?: number; firstBytesMax?: number } = {}) {
    this.#recordsMax = options.recordsMax ?? 100_000;
    this.firstBytesMax = options.firstBytesMax ?? 32;
  }

  /** What is kept, in the order of sending. */
  get records(): readonly TraceRecord[] {
    return this.#records.length <= this.#recordsMax
      ? this.#records
      : this.#records.slice(this.#records.length - this.#recordsMax);
  }

  /** How many datagrams were sent altogether. */
  get datagramCount(): number {
    return this.#seen;
  }

  /** Takes the next record. */
  add(record: Omit<TraceRecord, 'index'>): void {
    this.#records.push({ index: this.#seen++, ...record });
    // Cut rarely, so that the cost of a record stays constant.
    if (this.#records.length > 2 * this.#recordsMax)
      this.#records = this.#records.slice(this.#records.length - this.#recordsMax);
  }

  /** The records that have all of these values. */
  select(
    wanted: Partial<Pick<TraceRecord, 'from' | 'to' | 'fate' | 'isCorrupted' | 'isHeldBack'>>,
  ): TraceRecord[] {
    const pairs = Object.entries(wanted) as [keyof typeof wanted, unknown][];
    return this.records.filter((record) => pairs.every(([name, value]) => record[name] === value));
  }
}

/** A record as one line: `12.500 ms  client → server  1200 B  0a1b2c3d4e5f  at 37.500 ms`. */
export function formatTraceRecord(record: TraceRecord): string {
  const bytes = Array.from(record.firstBytes.subarray(0, 8), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const arrival = record.deliveredAtMs.map((atMs) => `${atMs.toFixed(3)} ms`).join(' and ');
  const marks = `${record.isCorrupted ? ' (bit flipped)' : ''}${record.isHeldBack ? ' (held back)' : ''}`;
  const fate = record.fate === 'delivered' ? `at ${arrival}${marks}` : record.fate;
  return `${record.sentAtMs.toFixed(3)} ms  ${record.from} → ${record.to}  ${record.byteLength} B  ${bytes}  ${fate}`;
}
