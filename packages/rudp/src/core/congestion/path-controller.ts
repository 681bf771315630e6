import type {
  AcknowledgementEvent,
  CongestionController,
  CongestionMarkEvent,
  EstablishedEvent,
  LossEvent,
  PacketSentEvent,
} from './controller.ts';
import type { CongestionControllerName } from './names.ts';

/** The controller of whichever path a connection uses: another path gets another one, which knows nothing (RFC 9000 §9.4). */
export class PathController implements CongestionController {
  readonly #create: (maxDatagramBytes: number) => CongestionController;
  #current: CongestionController;

  constructor(maxDatagramBytes: number, create: (maxDatagramBytes: number) => CongestionController) {
    this.#create = create;
    this.#current = create(maxDatagramBytes);
  }

  /** Begins anew, with packets of this size. */
  // RUDP-PATH-9
  restart(maxDatagramBytes: number): void {
    this.#current = this.#create(maxDatagramBytes);
  }

  get name(): CongestionControllerName {
    return this.#current.name;
  }

  get state(): string | undefined {
    return this.#current.state;
  }

  get congestionWindow(): number {
    return this.#current.congestionWindow;
  }

  get pacingRate(): number {
    return this.#current.pacingRate;
  }

  get bandwidth(): number | undefined {
    return this.#current.bandwidth;
  }

  get trainPacketsMin(): number | undefined {
    return this.#current.trainPacketsMin;
  }

  get catchUpMs(): number | undefined {
    return this.#current.catchUpMs;
  }

  onEstablished(event: EstablishedEvent): void {
    this.#current.onEstablished?.(event);
  }

  onPacketSent(event: PacketSentEvent): void {
    this.#current.onPacketSent(event);
  }

  onAcknowledgement(event: AcknowledgementEvent): void {
    this.#current.onAcknowledgement(event);
  }

  onPacketsLost(event: LossEvent): void {
    this.#current.onPacketsLost(event);
  }

  onCongestionMark(event: CongestionMarkEvent): void {
    this.#current.onCongestionMark(event);
  }

  onSpuriousLoss(now: number, spuriousBytes: number, smallestPacketNumber: number): void {
    this.#current.onSpuriousLoss(now, spuriousBytes, smallestPacketNumber);
  }

  onPersistentCongestion(now: number): void {
    this.#current.onPersistentCongestion(now);
  }

  onApplicationLimited(now: number, bytesInFlight: number): void {
    this.#current.onApplicationLimited(now, bytesInFlight);
  }

  onMaxDatagramSize(bytes: number): void {
    this.#current.onMaxDatagramSize(bytes);
  }
}
