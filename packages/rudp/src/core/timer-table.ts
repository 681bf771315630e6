/** Every reason for which a connection wants to be woken. */
export type TimerName =
  /** Send SYN or SYN-ACK again. */
  | 'handshake-retransmit'
  /** Give the handshake up. */
  | 'handshake-timeout'
  /** Declare packets lost by time, or send a probe (RFC 9002 §6). */
  | 'loss-detection'
  /** Send an acknowledgement that was delayed. */
  | 'ack-delay'
  /** The pacer lets the next packet go. */
  | 'pacing'
  /** Nothing authentic arrived for too long. */
  | 'idle'
  /** Send a PING to keep the path and the peer's idle timer alive. */
  | 'keep-alive'
  /** Ask why the peer has fallen silent in the middle of its stream. */
  | 'silence'
  /** Send a PATH-CHALLENGE again, or give a path up. */
  | 'path-validation'
  /** Forget a connection that ended. */
  | 'drain';

const NAMES: readonly TimerName[] = [
  'handshake-retransmit',
  'handshake-timeout',
  'loss-detection',
  'ack-delay',
  'pacing',
  'idle',
  'keep-alive',
  'silence',
  'path-validation',
  'drain',
];

const indexOf = Object.fromEntries(NAMES.map((name, index) => [name, index])) as Readonly<
  Record<TimerName, number>
>;

/** The deadlines of one connection: at most one for each name. */
export class TimerTable {
  readonly #deadlines = new Float64Array(NAMES.length).fill(Number.POSITIVE_INFINITY);

  /** Sets or, with undefined, removes a deadline. */
  set(name: TimerName, at: number | undefined): void {
    this.#deadlines[indexOf[name]] = at ?? Number.POSITIVE_INFINITY;
  }

  get(name: TimerName): number | undefined {
    const at = this.#deadlines[indexOf[name]] as number;
    return at === Number.POSITIVE_INFINITY ? undefined : at;
  }

  clearAll(): void {
    this.#deadlines.fill(Number.POSITIVE_INFINITY);
  }

  /** The earliest deadline. */
  get next(): number | undefined {
    let earliest = Number.POSITIVE_INFINITY;
    for (const at of this.#deadlines) if (at < earliest) earliest = at;
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  }

  /** Removes the timers that are due at `now` and returns their names, in the order of the table above. */
  takeDue(now: number): TimerName[] {
    const due = NAMES.filter((name) => (this.#deadlines[indexOf[name]] as number) <= now);
    for (const name of due) this.set(name, undefined);
    return due;
  }
}
