import type { TransferOutcome } from '@parley/protocol';
import { RudpError, type StreamConnection } from '@parley/rudp';
import type { DownloadOffer } from '../../transfers/download.ts';
import type { TransferPolicy, TransferRoute } from '../../transfers/running-transfer.ts';
import { BLOCKED_UDP_PROBE_MS, UDP_PROBE_MS } from '../limits.ts';
import { resetCodeOf, TransferError, UdpBackError } from './transfer-error.ts';
import type { TransferRate } from './transfer-rate.ts';
import type { UdpMemory } from './udp-memory.ts';

/** What carries a connection. */
export type Transport = 'udp' | 'tls';

/** Where an offer leads to. */
export type OfferedPlace = Pick<DownloadOffer, 'host' | 'udpPort' | 'tcpPort' | 'ticket'>;

/** What a race tells. */
export interface RaceListener {
  /** A connection is being made: to be got ready, in case that it is the one. */
  readonly onOpened: (connection: StreamConnection) => void;
  /** It is this one. */
  readonly onEstablished: (connection: StreamConnection, route: TransferRoute) => void;
  /** There is none, it broke, or there is a better way now (`UdpBackError`). Nothing is told afterwards. */
  readonly onFailed: (error: Error) => void;
}

/** What a race is run with. */
export interface RaceParts {
  readonly policy: TransferPolicy;
  readonly rate: TransferRate;
  readonly memory: UdpMemory;
  readonly open: (transport: Transport, offer: OfferedPlace) => StreamConnection;
  /** Asks the server's UDP port for nothing, to see whether it answers; gives what stops the asking. */
  readonly probeUdp: (offer: OfferedPlace, onAnswer: () => void) => () => void;
  /** Calls back after so many milliseconds; gives what prevents it. */
  readonly schedule: (run: () => void, delayMs: number) => () => void;
}

/** Says that UDP does not get through, and nothing about the ticket. */
const UDP_FAILURES: ReadonlySet<string> = new Set(['handshake-timeout', 'unreachable', 'socket-failed']);

/**
 * One offer, over whichever transport gets through. UDP has a head start; then both try with the same ticket, which opens one
 * connection, and the first to be established goes on alone. When that is TLS, UDP is asked for again from time to time.
 */
// CHAT-TCP-6
export class TransportRace {
  readonly #offer: OfferedPlace;
  readonly #listener: RaceListener;
  readonly #parts: RaceParts;
  readonly #running = new Map<Transport, StreamConnection>();
  readonly #tried = new Set<Transport>();
  #winner: Transport | undefined;
  #isOver = false;
  #stopWaiting: () => void = () => undefined;

  constructor(offer: OfferedPlace, listener: RaceListener, parts: RaceParts) {
    this.#offer = offer;
    this.#listener = listener;
    this.#parts = parts;
    this.#begin();
  }

  /** Connections that are being made, or the one that was. */
  get connections(): readonly StreamConnection[] {
    return [...this.#running.values()];
  }

  /** The transfer is complete: what becomes of the connection is no news. */
  finish(): void {
    if (this.#winner === 'udp' && !this.#isOver) this.#parts.memory.trust(this.#offer);
    this.#stop();
  }

  /** The rest is not worth another way. */
  stay(): void {
    if (this.#winner === 'tls') this.#stopWaiting();
  }

  /** Ends what there is; `onFailed` follows, unless it was told already. */
  // CHAT-TRANSFER-9
  reset(outcome: TransferOutcome, reason: string): void {
    if (!this.#isOver) {
      if (outcome === 'connection-lost') this.#doubt();
      this.#stop();
      this.#listener.onFailed(new TransferError('connection-lost', `the transfer was ended: ${reason}`));
    }
    for (const connection of this.#running.values()) connection.reset(resetCodeOf(outcome), reason);
  }

  #stop(): void {
    this.#isOver = true;
    this.#stopWaiting();
  }

  #begin(): void {
    const { policy, memory, schedule } = this.#parts;
    if (policy !== 'auto') this.#try(policy === 'udp' ? 'udp' : 'tls');
    else if (memory.isBlocked(this.#offer)) this.#askUdpFirst();
    else {
      this.#try('udp');
      this.#stopWaiting = schedule(() => this.#try('tls'), UDP_PROBE_MS);
    }
  }

  /** UDP did not get through the last time: it must not use up the ticket before it is known to do so now. */
  #askUdpFirst(): void {
    const { memory, probeUdp, schedule } = this.#parts;
    const decide = (transport: Transport): void => {
      if (!this.#isOver && this.#tried.size === 0) this.#try(transport);
    };
    const stopAsking = probeUdp(this.#offer, () => {
      memory.forget(this.#offer);
      decide('udp');
    });
    const cancel = schedule(() => decide('tls'), BLOCKED_UDP_PROBE_MS);
    this.#stopWaiting = () => {
      stopAsking();
      cancel();
    };
  }

  #try(transport: Transport): void {
    if (this.#tried.has(transport) || this.#isOver) return;
    this.#tried.add(transport);
    const connection = this.#parts.open(transport, this.#offer);
    this.#running.set(transport, connection);
    this.#listener.onOpened(connection);
    connection.once('established', () => this.#win(transport, connection));
    connection.on('error', (error) => this.#lose(transport, error));
    connection.once('close', () => {
      this.#lose(
        transport,
        new TransferError('connection-lost', 'the connection was closed before the end of the file'),
      );
    });
  }

  #win(transport: Transport, winner: StreamConnection): void {
    if (this.#winner !== undefined || this.#isOver) return;
    this.#winner = transport;
    this.#stopWaiting();
    const { memory, policy } = this.#parts;
    if (transport === 'udp') memory.forget(this.#offer);
    else if (this.#tried.has('udp')) memory.block(this.#offer);
    for (const [other, connection] of this.#running) {
      if (other !== transport) connection.reset(resetCodeOf('cancelled'), 'another connection was faster');
    }
    const isFallback = transport === 'tls' && policy === 'auto';
    if (isFallback) this.#askForUdpLater();
    this.#listener.onEstablished(winner, isFallback ? 'fallback' : transport);
  }

  /** Over TLS a transfer may last for hours, and what blocked UDP may be gone in a minute. */
  #askForUdpLater(): void {
    const { memory, probeUdp, schedule } = this.#parts;
    const ask = (): void => {
      const stopAsking = probeUdp(this.#offer, () => this.#goBack());
      const cancel = schedule(() => {
        stopAsking();
        this.#askForUdpLater();
      }, UDP_PROBE_MS);
      this.#stopWaiting = () => {
        stopAsking();
        cancel();
      };
    };
    this.#stopWaiting = schedule(ask, memory.returnAfterMs(this.#offer));
  }

  #goBack(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#parts.memory.forget(this.#offer);
    this.#listener.onFailed(new UdpBackError());
    for (const connection of this.#running.values()) {
      connection.reset(resetCodeOf('connection-lost'), 'there is a better way');
    }
  }

  #lose(transport: Transport, error: Error): void {
    if (this.#isOver || (this.#winner !== undefined && this.#winner !== transport)) return;
    if (!this.#running.delete(transport)) return;
    if (this.#winner === undefined && this.#mayGoOn(transport, error)) return;
    this.#stop();
    if (codeOf(error) === 'idle-timeout') this.#doubt();
    for (const connection of this.#running.values()) connection.reset(resetCodeOf('cancelled'), 'given up');
    this.#listener.onFailed(error);
  }

  /** UDP was fine, and is cut now, it seems: it has to answer before it gets another ticket. */
  #doubt(): void {
    if (this.#winner === 'udp' && this.#parts.policy === 'auto') this.#parts.memory.doubt(this.#offer);
  }

  /** Whether the other transport may still get through. */
  #mayGoOn(transport: Transport, error: Error): boolean {
    const { policy, memory } = this.#parts;
    const code = codeOf(error);
    if (policy !== 'auto') return false;
    if (transport === 'udp') {
      if (!UDP_FAILURES.has(code ?? '')) return false;
      this.#stopWaiting();
      this.#try('tls');
      return this.#running.has('tls');
    }
    // UDP may have brought the ticket to a server whose answers do not come back.
    if (code === 'refused' && this.#tried.has('udp')) {
      memory.block(this.#offer);
      return false;
    }
    if (!this.#tried.has('udp')) memory.forget(this.#offer);
    return this.#running.has('udp');
  }
}

function codeOf(error: Error): string | undefined {
  return error instanceof RudpError ? error.code : undefined;
}
