import {
  type RateShare,
  type RudpConfig,
  SharedRate,
  type StreamConnection,
  windowsForRate,
} from '@parley/rudp';
import { PAID_BYTES_MAX } from '../limits.ts';

/** All transfers of a client are its user's: they take turns. */
const OWNER = '';

/** How fast the transfers of a client move bytes, in each direction; as fast as they can unless limited. */
export class TransferRate {
  readonly #receive = new SharedRate();
  readonly #send = new SharedRate();
  #bytesPerSecondMax: number | undefined;

  constructor(bytesPerSecondMax: number | undefined) {
    this.limit(bytesPerSecondMax);
  }

  /** Another limit for all that moves, or none. */
  limit(bytesPerSecondMax: number | undefined): void {
    this.#bytesPerSecondMax = bytesPerSecondMax;
    const limits = bytesPerSecondMax === undefined ? undefined : { bytesPerSecondMax };
    this.#receive.setLimits(limits);
    this.#send.setLimits(limits);
  }

  /** What a new connection should be set to: a server sends a whole window before it notices that nobody takes it. */
  get config(): Partial<RudpConfig> {
    return windowsForRate(this.#bytesPerSecondMax);
  }

  /** For what a connection sends; it leaves with the connection. */
  joinSending(connection: StreamConnection): RateShare {
    const share = this.#send.join(OWNER);
    connection.once('close', () => share.leave());
    return share;
  }

  /** For what a connection receives. */
  joinReceiving(connection: StreamConnection): PaidReceiving {
    const share = this.#receive.join(OWNER);
    connection.once('close', () => share.leave());
    return new PaidReceiving(connection, share);
  }
}

/** Lets a connection receive only as fast as what came is paid for, and only while nobody has paused it. */
export class PaidReceiving {
  readonly #connection: StreamConnection;
  readonly #share: RateShare;
  #unpaidBytes = 0;
  #isWaiting = false;
  #isPaused = false;
  #isReceiving = true;

  constructor(connection: StreamConnection, share: RateShare) {
    this.#connection = connection;
    this.#share = share;
  }

  /** So many bytes have come. May be called from within the connection. */
  add(byteLength: number): void {
    const { pieceBytesMax } = this.#share;
    if (pieceBytesMax === Number.POSITIVE_INFINITY) return;
    this.#unpaidBytes += byteLength;
    if (this.#isWaiting || this.#unpaidBytes < Math.min(pieceBytesMax, PAID_BYTES_MAX)) return;
    this.#isWaiting = true;
    // The connection is in the middle of a datagram, and takes no command before it is done.
    queueMicrotask(() => this.#pay());
  }

  set isPaused(value: boolean) {
    this.#isPaused = value;
    this.#apply();
  }

  #pay(): void {
    const unpaidBytes = this.#unpaidBytes;
    this.#unpaidBytes = 0;
    this.#share.pay(unpaidBytes, () => {
      this.#isWaiting = false;
      this.#apply();
    });
    this.#apply();
  }

  #apply(): void {
    const isReceiving = !this.#isPaused && !this.#isWaiting;
    if (isReceiving === this.#isReceiving) return;
    this.#isReceiving = isReceiving;
    if (isReceiving) this.#connection.resumeReceiving();
    else this.#connection.pauseReceiving();
  }
}
