import type {
  AcknowledgementEvent,
  CongestionController,
  CongestionMarkEvent,
  LossEvent,
  PacketSentEvent,
} from './controller.ts';

/**
 * The textbook selective repeat: n packets in flight, whatever happens, without pacing. For study, for tests, and for links
 * that are known not to be shared. It does not react to congestion and must not be used on the Internet.
 */
// RUDP-CC-20
export class FixedWindowController implements CongestionController {
  readonly name = 'fixed-window';
  readonly pacingRate = Number.POSITIVE_INFINITY;
  readonly #windowPackets: number;
  #maxDatagramBytes: number;

  constructor(options: { readonly windowPackets: number; readonly maxDatagramBytes: number }) {
    this.#windowPackets = options.windowPackets;
    this.#maxDatagramBytes = options.maxDatagramBytes;
  }

  get congestionWindow(): number {
    return this.#windowPackets * this.#maxDatagramBytes;
  }

  onMaxDatagramSize(bytes: number): void {
    this.#maxDatagramBytes = bytes;
  }

  onPacketSent(_event: PacketSentEvent): void {}
  onAcknowledgement(_event: AcknowledgementEvent): void {}
  onPacketsLost(_event: LossEvent): void {}
  onCongestionMark(_event: CongestionMarkEvent): void {}
  onSpuriousLoss(_now: number, _spuriousBytes: number): void {}
  onPersistentCongestion(_now: number): void {}
  onApplicationLimited(_now: number, _bytesInFlight: number): void {}
}
