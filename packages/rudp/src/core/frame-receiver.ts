import { AckFrame } from './ack-frame.ts';
import type { ConnectionParts } from './connection-parts.ts';
import type { FrameHandler } from './frames.ts';
import { observeMetrics } from './observer.ts';
import type { PacketOutcomes } from './packet-outcomes.ts';

/** What one packet's frames amounted to, beside their effects on the parts. */
export class FrameReceiver implements FrameHandler {
  readonly ackFrame = new AckFrame();
  readonly #parts: ConnectionParts;
  readonly #outcomes: PacketOutcomes;
  #now = 0;
  /** The packet asks for an acknowledgement. */
  isAckEliciting = false;
  /** The packet could not be taken whole: it must not be acknowledged, so that it comes again. */
  isDropped = false;
  /** The packet carried a RESET. */
  reset: { readonly code: number; readonly reason: string } | undefined;

  constructor(parts: ConnectionParts, outcomes: PacketOutcomes) {
    this.#parts = parts;
    this.#outcomes = outcomes;
  }

  begin(now: number): void {
    this.#now = now;
    this.#outcomes.now = now;
    this.isAckEliciting = false;
    this.isDropped = false;
    this.reset = undefined;
  }

  handlePing(): void {
    this.isAckEliciting = true;
  }

  handleAck(frame: AckFrame): void {
    this.#parts.loss.handleAck(this.#now, frame);
    observeMetrics(this.#now, this.#parts);
  }

  handleReset(code: number, reason: string): void {
    this.reset = { code, reason };
  }

  handleMaxData(bytesMax: number): void {
    this.isAckEliciting = true;
    this.#parts.sendStream.onMaxData(bytesMax);
  }

  handleFin(finalSize: number): void {
    this.isAckEliciting = true;
    this.#parts.receiveStream.handleFin(finalSize);
    this.#parts.received.acknowledgeNow();
  }

  /** The third step of the handshake: the packet that carries it has proved the keys, nothing else is left to do. */
  handleHandshakeAck(): void {
    this.isAckEliciting = true;
    this.#parts.received.acknowledgeNow();
  }

  handleStream(offset: number, bytes: Uint8Array): void {
    this.isAckEliciting = true;
    const { receiveStream, credit } = this.#parts;
    if (!receiveStream.handleSegment(offset, bytes, credit.maxData)) this.isDropped = true;
  }
}
