import type { RudpConfig } from './config.ts';
import type { Opening } from './connection-options.ts';
import type { CryptoProvider } from './crypto.ts';
import type { AgreedKeys } from './data-path.ts';
import { ClientHandshake } from './handshake.ts';
import { type HandshakeRoundTrip, HandshakeSender } from './handshake-sender.ts';
import type { ConnectionObserver } from './observer.ts';
import { PacketType } from './packet.ts';
import type { TimerTable } from './timer-table.ts';
import type { Train } from './transmitter.ts';

/** What a packet means for a client that waits for the answer to its SYN. */
export type HandshakeAnswer =
  /** A SYN-ACK: the server has proved that it holds the same secrets. */
  | { readonly kind: 'agreed'; readonly keys: AgreedKeys }
  | { readonly kind: 'refused'; readonly code: number }
  /** Damaged, forged, or not for this SYN. */
  | { readonly kind: 'unauthentic' }
  /** Nothing to act on: the SYN goes again by itself when it has to. */
  | { readonly kind: 'none' };

/** The handshake of one connection: sends our half until it is answered, and reads the peer's. */
export class ConnectionHandshake {
  /** Undefined on the server, whose half is done when it answers. */
  readonly #client: ClientHandshake | undefined;
  readonly #sender: HandshakeSender;

  constructor(
    opening: Opening,
    options: {
      readonly crypto: CryptoProvider;
      readonly config: RudpConfig;
      readonly localId: { readonly bytes: Uint8Array };
      readonly timers: TimerTable;
      readonly observer: ConnectionObserver | undefined;
    },
  ) {
    const { crypto, config, localId, timers, observer } = options;
    const sender = { timers, initialRttMs: config.initialRttMs, observer };
    if ('accepted' in opening) {
      this.#sender = new HandshakeSender(opening.accepted.synAck, sender);
      return;
    }
    this.#client = new ClientHandshake(crypto, config, localId.bytes, opening.preSharedKey);
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

  /** A SYN-ACK, for the side that waits for one. */
  isAnswer(packet: Uint8Array): boolean {
    return this.#client !== undefined && packet[0] === PacketType.synAck;
  }

  /** Reads what came in answer to our SYN. Throws `MalformedPacketError`. */
  handleAnswer(packet: Uint8Array): HandshakeAnswer {
    const client = this.#client;
    if (client === undefined) return { kind: 'none' };
    if (packet[0] === PacketType.synAck) {
      const result = client.complete(packet);
      if (result === undefined) return { kind: 'unauthentic' };
      return { kind: 'agreed', keys: { ...result, side: 'client' } };
    }
    const code = client.refusalIn(packet);
    if (code !== undefined) return { kind: 'refused', code };
    if (client.acceptCookie(packet)) this.#sender.replace(client.syn);
    return { kind: 'none' };
  }
}
