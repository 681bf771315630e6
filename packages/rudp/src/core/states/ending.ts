import type { ConnectionParts } from '../connection-parts.ts';
import { DRAINING_PERIODS, TIME_WAIT_MS_MIN, TIME_WAIT_PERIODS } from '../limits.ts';
import { type PacketAssembler, RESET_PACKET_BYTES_MAX } from '../packet-assembler.ts';
import type { Train } from '../packets/datagrams.ts';
import type { ConnectionEnd, Reset } from './connection-end.ts';
import type { Liveness } from './liveness.ts';
import { ResetSender } from './reset-sender.ts';
import type { StateMachine } from './state-machine.ts';

/** How a connection ends: the one place that says so, tells the peer, and waits until late packets no longer come. */
export class Ending {
  readonly #parts: ConnectionParts;
  readonly #machine: StateMachine;
  readonly #liveness: Liveness;
  readonly #tell: (end: ConnectionEnd) => void;
  #end: ConnectionEnd | undefined;
  #resetSender: ResetSender | undefined;

  /** `tell` is called once. */
  constructor(
    parts: ConnectionParts,
    options: {
      readonly machine: StateMachine;
      readonly liveness: Liveness;
      readonly tell: (end: ConnectionEnd) => void;
    },
  ) {
    this.#parts = parts;
    this.#machine = options.machine;
    this.#liveness = options.liveness;
    this.#tell = options.tell;
  }

  /** How the connection ended; undefined while it lives. */
  get end(): ConnectionEnd | undefined {
    return this.#end;
  }

  /** Without a word to the peer. */
  abandon(now: number, end: ConnectionEnd): void {
    if (this.#machine.current === 'closed') return;
    this.#machine.step(now, 'abandoned');
    this.#settle(now, end);
  }

  /** Both directions at once; `reset` is what the peer is told. False when the connection has ended before. */
  // RUDP-RESET-1
  abort(now: number, end: ConnectionEnd, reset: Reset | undefined): boolean {
    if (this.#end !== undefined) return false;
    this.#machine.step(now, 'reset');
    this.#parts.timers.clearAll();
    if (reset !== undefined) this.#resetSender = new ResetSender(reset);
    this.#settle(now, end);
    this.#drain(now, DRAINING_PERIODS);
    return true;
  }

  /** In order, once both directions are done; a peer that still asks (`isAsked`) has not heard the last acknowledgement. */
  // RUDP-CLOSE-4
  finish(now: number, isAsked: boolean): void {
    if (this.#end !== undefined && !isAsked) return;
    if (this.#end === undefined) this.#parts.timers.clearAll();
    this.#settle(now, { kind: 'finished' });
    this.#drain(now, TIME_WAIT_PERIODS, TIME_WAIT_MS_MIN);
  }

  /** Time to forget the connection. */
  handleDrained(now: number): void {
    if (this.#machine.current !== 'closed') this.#machine.step(now, 'drained');
  }

  /** A packet arrived although the connection was reset: the peer has not heard it. */
  handleLatePacket(): void {
    this.#resetSender?.handlePacket();
  }

  /** The RESET, when it is due and may leave. `assembler` is undefined as long as there are no keys. */
  pollReset(
    now: number,
    buffer: Uint8Array,
    options: { readonly assembler: PacketAssembler | undefined; readonly allowanceBytes: number },
  ): Train | undefined {
    if (options.assembler === undefined || options.allowanceBytes < RESET_PACKET_BYTES_MAX) return undefined;
    return this.#resetSender?.poll(now, buffer, options.assembler);
  }

  #drain(now: number, periods: number, drainMsMin = 0): void {
    const drainMs = Math.max(drainMsMin, periods * this.#parts.loss.probeTimeoutMs);
    this.#parts.timers.set('drain', now + Math.min(drainMs, this.#liveness.idleTimeoutMs));
  }

  #settle(now: number, end: ConnectionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#parts.observer?.onEnded(now, end);
    this.#tell(end);
  }
}
