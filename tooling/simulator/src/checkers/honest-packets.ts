import type { ConnectionObserver, ObservedPacket, ObserverFactory } from '@parley/rudp/core';
import type { Violations } from './violations.ts';

const CHECKER = 'honest packets';
/** Of a range in an ACK frame so many of the newest are looked at: the others were in earlier frames. */
const CHECKED_PER_RANGE = 64;

/** Packet numbers that one side of a connection used and took. */
interface Ledger {
  readonly sent: Set<number>;
  readonly received: Set<number>;
}

/** Looks into the packets of both sides: no number is used twice, none is taken that was not sent, none acknowledged that was not taken. */
// RUDP-PKT-3, RUDP-ACK-5
export class HonestPacketsChecker {
  readonly #violations: Violations;
  readonly #ledgers = { client: new Map<string, Ledger[]>(), server: new Map<string, Ledger[]>() };

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** Watches the connections of an endpoint. */
  readonly observe: ObserverFactory = (_now, { side, clientId }) => {
    const ledger: Ledger = { sent: new Set(), received: new Set() };
    const ledgers = this.#ledgers[side];
    ledgers.set(clientId, [...(ledgers.get(clientId) ?? []), ledger]);
    const peers = () => this.#ledgers[side === 'client' ? 'server' : 'client'].get(clientId) ?? [];
    const ignore = () => {};
    return {
      onPacketSent: (_at, packet) => this.#checkSent(`${side} ${clientId}`, ledger, packet),
      onPacketReceived: (_at, packet) => this.#checkReceived(`${side} ${clientId}`, ledger, peers(), packet),
      onPacketDropped: ignore,
      onPacketLost: ignore,
      onMetricsUpdated: ignore,
      onStateUpdated: ignore,
      onParametersReceived: ignore,
      onKeyUpdated: ignore,
      onEnded: ignore,
    } satisfies ConnectionObserver;
  };

  #checkSent(name: string, { sent, received }: Ledger, { packetNumber, frames }: ObservedPacket): void {
    if (packetNumber === undefined) return;
    this.#require(!sent.has(packetNumber), `${name}: packet number ${packetNumber} was used twice`);
    sent.add(packetNumber);
    for (const frame of frames) {
      if (frame.type !== 'ack') continue;
      for (const [first, last] of frame.ranges) {
        for (let number = last; number >= Math.max(first, last - CHECKED_PER_RANGE); number -= 1)
          this.#require(received.has(number), `${name}: acknowledges ${number}, which it did not take`);
      }
    }
  }

  #checkReceived(name: string, ledger: Ledger, peers: readonly Ledger[], packet: ObservedPacket): void {
    const { packetNumber } = packet;
    if (packetNumber === undefined) return;
    const isGenuine = peers.some(({ sent }) => sent.has(packetNumber));
    this.#require(isGenuine, `${name}: took packet ${packetNumber}, which was not sent`);
    this.#require(!ledger.received.has(packetNumber), `${name}: took packet ${packetNumber} twice`);
    ledger.received.add(packetNumber);
  }

  #require(isTrue: boolean, text: string): void {
    if (!isTrue) this.#violations.add(CHECKER, text);
  }
}
