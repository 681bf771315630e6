import type { CongestionController } from './congestion/controller.ts';
import type { Pacer } from './congestion/pacer.ts';
import { TRAIN_BYTES_MAX, TRAIN_SEGMENTS_MAX } from './limits.ts';
import { ACKNOWLEDGEMENT_BYTES_MIN, type Allowance, type PacketAssembler } from './packet-assembler.ts';
import type { Train } from './packets/datagrams.ts';
import type { MtuDiscovery } from './paths/mtu-discovery.ts';
import type { EcnValidation } from './recovery/ecn.ts';
import type { LossDetection } from './recovery/loss-detection.ts';
import type { RttEstimator } from './recovery/rtt-estimator.ts';

/** The parts that decide whether a packet may leave. */
export interface TransmitterParts {
  readonly loss: LossDetection;
  readonly controller: CongestionController;
  readonly pacer: Pacer;
  readonly mtu: MtuDiscovery;
  readonly ecn: EcnValidation;
  readonly rtt: RttEstimator;
}

/** Turns what waits to be sent into trains, within the congestion window and the pacer's budget. */
export class Transmitter {
  readonly #parts: TransmitterParts;
  readonly #assembler: PacketAssembler;
  /** Probe packets that may leave regardless of window and pacer (RFC 9002 §7.5). */
  #probesPending = 0;
  #pacingDeadline: number | undefined;

  constructor(parts: TransmitterParts, assembler: PacketAssembler) {
    this.#parts = parts;
    this.#assembler = assembler;
  }

  /** When the pacer lets the next packet go; undefined when it is not what holds things up. */
  get pacingDeadline(): number | undefined {
    return this.#pacingDeadline;
  }

  /** Lets `count` packets leave regardless of window and pacer. */
  allowProbes(count: number): void {
    this.#probesPending = count;
  }

  /**
   * Fills `buffer` with the next train; undefined when nothing may or need leave now. `allowanceBytes` is what the address of
   * the peer may get, Infinity when it is validated.
   */
  // RUDP-ECN-1
  pollTrain(now: number, buffer: Uint8Array, allowanceBytes: number): Train | undefined {
    this.#assembler.isEcnCapable = this.#parts.ecn.startTrain();
    const train = this.#pollTrain(now, buffer, allowanceBytes);
    if (!this.#assembler.isEcnCapable || train === undefined) return train;
    this.#assembler.isEcnCapable = false;
    return { ...train, isEcnCapable: true };
  }

  // RUDP-CC-1
  #pollTrain(now: number, buffer: Uint8Array, allowanceBytes: number): Train | undefined {
    const { pacer, controller, mtu, rtt, loss } = this.#parts;
    const segmentBytes = mtu.current;
    if (pacer.takeLateness(now)) loss.rate.markApplicationLimited(loss.bytesInFlight);
    pacer.setRate(now, {
      bytesPerSecond: controller.pacingRate,
      maxDatagramBytes: segmentBytes,
      minRttMs: rtt.minMs,
      trainPacketsMin: controller.trainPacketsMin,
      catchUpMs: controller.catchUpMs,
    });
    this.#pacingDeadline = undefined;
    if (allowanceBytes < segmentBytes) return this.#pollAcknowledgement(now, buffer, allowanceBytes);
    const bytesMax = Math.min(buffer.length, TRAIN_BYTES_MAX, allowanceBytes);
    const probe = bytesMax === allowanceBytes ? undefined : this.#pollMtuProbe(now, buffer);
    if (probe !== undefined) return probe;
    return this.#pollSegments(now, buffer, { segmentBytes, bytesMax });
  }

  /** An address that is not validated gets no part of a packet: what it may get goes to acknowledgements. */
  // RUDP-PATH-4
  #pollAcknowledgement(now: number, buffer: Uint8Array, bytesMax: number): Train | undefined {
    if (bytesMax < ACKNOWLEDGEMENT_BYTES_MIN) return undefined;
    const written = this.#assembler.assemble(now, buffer, 0, bytesMax, 'acknowledgement');
    return written === 0 ? undefined : { byteLength: written, segmentBytes: written, segmentCount: 1 };
  }

  #pollSegments(
    now: number,
    buffer: Uint8Array,
    { segmentBytes, bytesMax }: { segmentBytes: number; bytesMax: number },
  ): Train | undefined {
    let budget = this.#parts.pacer.availableBytes(now);
    let end = 0;
    let count = 0;
    let firstBytes = 0;
    while (count < TRAIN_SEGMENTS_MAX && end + segmentBytes <= bytesMax) {
      const allowance = this.#allowance(segmentBytes, budget);
      const written = this.#assembler.assemble(now, buffer, end, segmentBytes, allowance);
      if (written === 0) {
        if (count === 0) this.#noteIdle(now, allowance, budget);
        break;
      }
      if (this.#assembler.isAckEliciting) {
        this.#probesPending = Math.max(0, this.#probesPending - 1);
        this.#parts.pacer.onSent(now, written);
        budget -= written;
      }
      if (count === 0) firstBytes = written;
      end += written;
      count += 1;
      if (written < segmentBytes) break;
    }
    return count === 0 ? undefined : { byteLength: end, segmentBytes: firstBytes, segmentCount: count };
  }

  #allowance(bytes: number, budget: number): Allowance {
    if (this.#probesPending > 0) return 'anything';
    return this.#hasWindow(bytes) && budget > 0 ? 'anything' : 'acknowledgement';
  }

  #hasWindow(bytes: number): boolean {
    return this.#parts.loss.bytesInFlight + bytes <= this.#parts.controller.congestionWindow;
  }

  /** Nothing left: either the pacer holds it back, or the application had no more. */
  #noteIdle(now: number, allowance: Allowance, budget: number): void {
    const { pacer, loss, mtu } = this.#parts;
    if (allowance === 'anything') loss.onApplicationLimited(now);
    else if (budget <= 0 && this.#hasWindow(mtu.current)) this.#pacingDeadline = pacer.nextSendAt(now);
  }

  #pollMtuProbe(now: number, buffer: Uint8Array): Train | undefined {
    const { mtu, pacer } = this.#parts;
    const bytes = mtu.probeDue(now);
    if (bytes === undefined || this.#probesPending > 0 || !this.#hasWindow(bytes)) return undefined;
    if (!this.#assembler.wantsLargerPackets) return undefined;
    if (pacer.availableBytes(now) <= 0) return undefined;
    const written = this.#assembler.assembleProbe(now, buffer, 0, bytes);
    mtu.onProbeSent();
    pacer.onSent(now, written);
    return { byteLength: written, segmentBytes: written, segmentCount: 1 };
  }
}
