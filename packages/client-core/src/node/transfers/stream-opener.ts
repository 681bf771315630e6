import { randomBytes } from 'node:crypto';
import {
  connect as connectOverUdp,
  connectTls,
  derivePreSharedKey,
  type RudpConfig,
  type RudpError,
  type StreamConnection,
  type UdpIo,
} from '@parley/rudp';
import type { TransferPolicy } from '../../transfers/running-transfer.ts';
import { KEEP_ALIVE_MS, UDP_IDLE_MS } from '../limits.ts';
import {
  type OpenReading,
  type OpenStream,
  openIncomingStream,
  openReadingStream,
} from './incoming-stream.ts';
import { type OpenOutgoingStream, openOutgoingStream } from './outgoing-stream.ts';
import type { TransferRate } from './transfer-rate.ts';
import type { OfferedPlace, RaceParts, Transport } from './transport-race.ts';
import { UdpMemory } from './udp-memory.ts';

/** Options of `createStreamOpeners`. */
export interface StreamOpenerOptions {
  readonly config?: Partial<RudpConfig> | undefined;
  readonly io?: UdpIo | undefined;
  readonly qlogDirectory?: string | undefined;
  readonly transfers?: TransferPolicy | undefined;
  readonly rate: TransferRate;
  /** Stands in for the one of `@parley/rudp`, and for every other way. */
  readonly connect?: typeof connectOverUdp | undefined;
}

/** Opens streams over UDP, or over TLS where that does not get through; remembers for both directions where it does not. */
export function createStreamOpeners(options: StreamOpenerOptions): {
  readonly openIncoming: OpenStream;
  readonly openReading: OpenReading;
  readonly openOutgoing: OpenOutgoingStream;
} {
  const parts: RaceParts = {
    policy: options.connect === undefined ? (options.transfers ?? 'auto') : 'udp',
    rate: options.rate,
    memory: new UdpMemory(),
    open: (transport: Transport, offer: OfferedPlace) =>
      transport === 'udp' ? openUdp(offer, options) : openTls(offer),
    probeUdp: (offer: OfferedPlace, onAnswer: () => void) => probeUdp(offer, options, onAnswer),
    schedule: (run: () => void, delayMs: number) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
  return {
    openIncoming: (offer, receiver) => openIncomingStream(offer, receiver, parts),
    openReading: (offer, receiver) => openReadingStream(offer, receiver, parts),
    openOutgoing: (offer, listener) => openOutgoingStream(offer, listener, parts),
  };
}

function openUdp(
  { host, udpPort, ticket }: OfferedPlace,
  { config, io, qlogDirectory, transfers, rate, connect = connectOverUdp }: StreamOpenerOptions,
): StreamConnection {
  return connect({
    host,
    port: udpPort,
    preSharedKey: derivePreSharedKey(ticket),
    // Where there is another way, there is no use in waiting for long when this one is cut.
    config: {
      keepAliveMs: KEEP_ALIVE_MS,
      ...(transfers === 'udp' ? {} : { idleTimeoutMs: UDP_IDLE_MS }),
      ...rate.config,
      ...config,
    },
    ...(io === undefined ? {} : { io }),
    ...(qlogDirectory === undefined ? {} : { qlogDirectory }),
  });
}

// CHAT-TCP-2
function openTls({ host, tcpPort, ticket }: OfferedPlace): StreamConnection {
  return connectTls({ host, port: tcpPort, preSharedKey: derivePreSharedKey(ticket) });
}

/** A ticket that nobody knows is refused, and that is an answer. */
function probeUdp(offer: OfferedPlace, options: StreamOpenerOptions, onAnswer: () => void): () => void {
  const connection = openUdp({ ...offer, ticket: randomBytes(32) }, options);
  connection.on('error', ({ code }: RudpError) => {
    if (code === 'refused') onAnswer();
  });
  return () => void connection.destroy();
}
