import type { RudpConfig } from '../config.ts';
import type { CryptoProvider } from '../keys/crypto.ts';
import type { ConnectionObserver } from '../observer.ts';
import type { Train } from '../packets/datagrams.ts';
import { PacketType } from '../packets/packet.ts';
import type { ConnectionEnd } from '../states/connection-end.ts';
import type { TimerTable } from '../timer-table.ts';
import { ClientHandshake } from './client-handshake.ts';
import type { AgreedKeys } from './handshake.ts';
import { type HandshakeRoundTrip, HandshakeSender } from './handshake-sender.ts';
import type { Opening } from './opening.ts';
import { type Refusal, RejectCode } from './reject.ts';

/** What a packet means for a client that waits for the answer to its SYN. */
export type HandshakeAnswer =
  /** A SYN-ACK: the server has proved that it holds the same secrets. */
  | { readonly kind: 'agreed'; readonly keys: AgreedKeys }
  | { readonly kind: 'refused'; readonly end: ConnectionEnd }
  /** Damaged, forged, or not for this SYN. */
  | { readonly kind: 'unauthentic' }
  /** Nothing to act on: the SYN goes again by itself when it has to. */
  | { readonly kind: 'none' };

/** For so long a client that got the wrong identity still waits for the right one, in initial RTTs: anybody on the way may be faster. */
const RIGHT_IDENTITY_WAIT_RTTS = 3;

/** The handshake of one connection: sends our half until it is answered, and reads the peer's. */
export class ConnectionHandshake {
  /** Undefined on the server, whose half is done when it answers. */
  readonly #client: ClientHandshake | undefined;
  readonly #sender: HandshakeSender;
  readonly #timers: TimerTable;
  readonly #rightIdentityWaitMs: number;
  #mismatch: ConnectionEnd | undefined;
  #serverIdentity: Uint8Array | undefined;

  constructor(
    opening: Opening,
    options: {
      readonly crypto: CryptoProvider;
      readonly config: RudpConfig;
      readonly localId: { readonly bytes: Uint8Array };
      readonly versions: readonly [number, ...number[]];
      readonly timers: TimerTable;
      readonly observer: ConnectionObserver | undefined;
    },
  ) {
    const { crypto, config, localId, versions, timers, observer } = options;
    this.#timers = timers;
    this.#rightIdentityWaitMs = RIGHT_IDENTITY_WAIT_RTTS * config.initialRttMs;
    const sender = { timers, initialRttMs: config.initialRttMs, observer };
    if ('accepted' in opening) {
      this.#sender = new HandshakeSender(opening.accepted.synAck, sender);
      return;
    }
    this.#client = new ClientHandshake(crypto, config, localId.bytes, { ...opening, versions });
    this.#sender = new HandshakeSender(this.#client.syn, sender);
  }

  /** Time to send again: the answer is overdue, or the peer repeated itself. */
  repeatNow(): void {
    this.#sender.repeatNow();
  }

  /** The answer came, or nobody wants it any more. */
  stop(now: number): HandshakeRoundTrip {
    return this.#sender.stop(now);
  }

  poll(now: number, buffer: Uint8Array, allowanceBytes: number): Train | undefined {
    return this.#sender.poll(now, buffer, allowanceBytes);
  }

  /** The long-term key that the server has proved; undefined before it has answered, and when it has none. */
  get serverIdentity(): Uint8Array | undefined {
    return this.#serverIdentity;
  }

  /** How the connection ends when the time for the handshake is over. */
  get timeoutEnd(): ConnectionEnd {
    return this.#mismatch ?? { kind: 'handshake-timed-out' };
  }

  /** A SYN-ACK, for the side that waits for one. */
  isAnswer(packet: Uint8Array): boolean {
    return this.#client !== undefined && packet[0] === PacketType.synAck;
  }

  /** Reads what came in answer to our SYN. Throws `MalformedPacketError`. */
  handleAnswer(now: number, packet: Uint8Array): HandshakeAnswer {
    const client = this.#client;
    if (client === undefined) return { kind: 'none' };
    if (packet[0] === PacketType.synAck) {
      const result = client.complete(packet);
      if (result === undefined) return { kind: 'unauthentic' };
      if (!result.isIdentityRight) return this.#noteMismatch(now, result.serverIdentity);
      this.#serverIdentity = result.serverIdentity;
      return { kind: 'agreed', keys: { ...result, side: 'client' } };
    }
    const refusal = client.refusalIn(packet);
    const hasNewSyn = refusal === undefined ? client.acceptCookie(packet) : client.acceptVersion(refusal);
    if (hasNewSyn) this.#sender.replace(client.syn);
    else if (refusal !== undefined) return { kind: 'refused', end: endOf(refusal) };
    return { kind: 'none' };
  }

  /** Who answered holds the same secrets and is not who was asked for: the right one may be on its way. */
  // RUDP-IDENTITY-4
  #noteMismatch(now: number, seen: Uint8Array | undefined): HandshakeAnswer {
    if (this.#mismatch === undefined) {
      const atMs = Math.min(now + this.#rightIdentityWaitMs, this.#timers.get('handshake-timeout') ?? now);
      this.#timers.set('handshake-timeout', atMs);
      this.#mismatch = { kind: 'identity-mismatch', ...(seen === undefined ? {} : { seen }) };
    }
    return { kind: 'none' };
  }
}

function endOf({ code, versions }: Refusal): ConnectionEnd {
  return { kind: 'refused', code, ...(code === RejectCode.versionUnsupported ? { versions } : {}) };
}
