/** The two bits of an IP packet that say what it knows of congestion (RFC 3168 §5). */
export const EcnMark = { none: 0, ect1: 1, ect0: 2, congestion: 3 } as const;

/** A codepoint of `EcnMark`. */
export type EcnMark = 0 | 1 | 2 | 3;

/** Packets by the mark that they arrived with, since the beginning of the connection. */
export interface EcnCounts {
  readonly ect0: number;
  readonly ect1: number;
  readonly congestion: number;
}

/** Counts the marks of packets that were not received before. */
export class EcnCounter implements EcnCounts {
  ect0 = 0;
  ect1 = 0;
  congestion = 0;

  /** Something was marked: the peer is told. */
  get hasCounts(): boolean {
    return this.ect0 + this.ect1 + this.congestion > 0;
  }

  count(mark: EcnMark): void {
    if (mark === EcnMark.ect0) this.ect0 += 1;
    else if (mark === EcnMark.ect1) this.ect1 += 1;
    else if (mark === EcnMark.congestion) this.congestion += 1;
  }
}

/** Packets that are marked before it is known whether the path and the peer leave the marks alone (RFC 9000 A.4). */
const TEST_PACKETS = 10;

/** What is known of the path (RFC 9000 A.4). */
export type EcnState =
  /** Nothing is marked: the socket cannot, or the settings forbid it. */
  | 'off'
  /** The first packets are marked. */
  | 'testing'
  /** They have left, and nothing is known of them yet: no more are marked. */
  | 'unknown'
  /** Marks arrive and come back: all packets are marked. */
  | 'capable'
  /** Marks are erased, changed, or not reported; or nothing that is marked arrives. */
  | 'failed';

/** Decides whether packets are marked ECT(0), by what the peer reports of those that were (RFC 9000 §13.4.2, A.4). */
export class EcnValidation {
  readonly #isWanted: boolean;
  #state: EcnState;
  #sent = 0;
  #testSent = 0;
  #testLost = 0;
  #newlyAcknowledged = 0;
  #ect0 = 0;
  #congestion = 0;

  constructor(isWanted: boolean) {
    this.#isWanted = isWanted;
    this.#state = isWanted ? 'testing' : 'off';
  }

  get state(): EcnState {
    return this.#state;
  }

  /** Whether the packets of the train that begins are to be marked: one train has one mark. */
  // RUDP-ECN-1
  startTrain(): boolean {
    if (this.#state === 'testing' && this.#testSent >= TEST_PACKETS) this.#state = 'unknown';
    return this.#state === 'testing' || this.#state === 'capable';
  }

  onMarkedSent(): void {
    this.#sent += 1;
    if (this.#state === 'testing') this.#testSent += 1;
  }

  /** A path that drops every marked packet must not be taken for one that is gone. */
  // RUDP-ECN-4
  onMarkedLost(): void {
    if (this.#state !== 'testing' && this.#state !== 'unknown') return;
    this.#testLost += 1;
    if (this.#testLost >= TEST_PACKETS) this.#state = 'failed';
  }

  /** A packet that was marked is newly acknowledged by the frame in progress. */
  onMarkedAcknowledged(): void {
    this.#newlyAcknowledged += 1;
    this.#testLost = 0;
  }

  /**
   * The packets of an ACK frame have been told; `counts` is what it reports, `isNewest` whether it raised the largest
   * acknowledged number. Returns how many marks of congestion are new and to be believed.
   */
  // RUDP-ECN-4
  handleFrame(counts: EcnCounts | undefined, isNewest: boolean): number {
    const acknowledged = this.#newlyAcknowledged;
    // An older frame has older counts: its packets are judged by the next one that counts.
    if (!isNewest) return 0;
    this.#newlyAcknowledged = 0;
    if (this.#state === 'off' || this.#state === 'failed') return 0;
    if (counts === undefined) {
      if (acknowledged > 0) this.#state = 'failed';
      return 0;
    }
    const ect0 = counts.ect0 - this.#ect0;
    const congestion = counts.congestion - this.#congestion;
    const isSound =
      ect0 >= 0 &&
      congestion >= 0 &&
      ect0 + congestion >= acknowledged &&
      counts.ect1 === 0 &&
      counts.ect0 + counts.congestion <= this.#sent;
    if (!isSound) {
      this.#state = 'failed';
      return 0;
    }
    this.#ect0 = counts.ect0;
    this.#congestion = counts.congestion;
    if (acknowledged > 0) this.#state = 'capable';
    return congestion;
  }

  /** Another path: nothing is known of it. */
  // RUDP-PATH-9
  restart(): void {
    this.#state = this.#isWanted ? 'testing' : 'off';
    this.#testSent = 0;
    this.#testLost = 0;
  }
}
