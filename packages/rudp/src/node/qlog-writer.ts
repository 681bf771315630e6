import type {
  CipherSuite,
  ConnectionEnd,
  ConnectionObserver,
  ConnectionState,
  ObservedConnection,
  ObservedFrame,
  ObservedLoss,
  ObservedMetrics,
  ObservedPacket,
  ObservedPacketType,
  PacketDropReason,
  TransportParameters,
} from '../core/index.ts';

/** What a qlog trace is made of beside its events. */
export interface QlogTrace {
  readonly connection: ObservedConnection;
  /** Time of the observer's clock that is the trace's zero, in milliseconds. */
  readonly startedAtMs: number;
  /** The same moment in milliseconds since 1970. */
  readonly wallClockMs: number;
  /** Takes the next piece of the file. */
  readonly write: (text: string) => void;
  /** The connection is over: little follows, and nobody may be there to end the file. */
  readonly onEnded?: () => void;
}

type Fields = Readonly<Record<string, unknown>>;

/** QUIC's names for packet types, so that QUIC's tools know what they see. */
const PACKET_TYPES: Readonly<Record<ObservedPacketType, string>> = {
  syn: 'initial',
  'syn-ack': 'handshake',
  reject: 'retry',
  cookie: 'retry',
  data: '1RTT',
  unknown: 'unknown',
};

/** QUIC's names for the states that it has too; the steps of the four-way close keep their own. */
const STATE_NAMES: Readonly<Partial<Record<ConnectionState, string>>> = {
  'syn-sent': 'attempted',
  'syn-received': 'handshake_started',
  established: 'handshake_complete',
};

const RECORD_SEPARATOR = '\u001e';

/**
 * Writes what happens on one connection as qlog 0.3 with the QUIC events, in JSON text sequences (RFC 7464): what qvis opens.
 * Names that QUIC has are used for what means the same here; SYN, SYN-ACK and DATA are `initial`, `handshake` and `1RTT`.
 */
export class QlogWriter implements ConnectionObserver {
  readonly #trace: QlogTrace;
  #metrics: Fields = {};
  #congestionState: string | undefined;
  readonly #generations = { send: 0, receive: 0 };

  constructor(trace: QlogTrace) {
    this.#trace = trace;
    const { connection, wallClockMs } = trace;
    const { side, clientId, localId, remote } = connection;
    this.#record({
      qlog_version: '0.3',
      qlog_format: 'JSON-SEQ',
      title: `rudp ${side} ${clientId}`,
      trace: {
        vantage_point: { name: `parley rudp ${side}`, type: side },
        common_fields: {
          ODCID: clientId,
          group_id: clientId,
          protocol_type: ['RUDP'],
          time_format: 'relative',
          reference_time: wallClockMs,
        },
      },
    });
    this.#event(trace.startedAtMs, 'connectivity:connection_started', {
      ip_version: remote.host.includes(':') ? 'ipv6' : 'ipv4',
      dst_ip: remote.host,
      dst_port: remote.port,
      src_cid: localId,
      protocol: 'RUDP',
    });
  }

  onPacketSent(now: number, packet: ObservedPacket): void {
    this.#event(now, 'transport:packet_sent', packetFields(packet));
  }

  onPacketReceived(now: number, packet: ObservedPacket): void {
    this.#event(now, 'transport:packet_received', packetFields(packet));
  }

  onPacketDropped(now: number, bytes: number, reason: PacketDropReason): void {
    const trigger = reason === 'duplicate' ? 'duplicate' : 'payload_decrypt_error';
    this.#event(now, 'transport:packet_dropped', { raw: { length: bytes }, trigger });
  }

  onPacketLost(now: number, { packetNumber, bytes, rule, isMtuProbe }: ObservedLoss): void {
    this.#event(now, 'recovery:packet_lost', {
      header: { packet_type: PACKET_TYPES.data, packet_number: packetNumber },
      raw: { length: bytes },
      trigger: rule === 'packet-threshold' ? 'reordering_threshold' : 'time_threshold',
      ...(isMtuProbe ? { is_mtu_probe_packet: true } : {}),
    });
  }

  onMetricsUpdated(now: number, metrics: ObservedMetrics): void {
    const fields = metricFields(metrics);
    const changed = Object.entries(fields).filter(([name, value]) => this.#metrics[name] !== value);
    this.#metrics = fields;
    if (changed.length > 0) this.#event(now, 'recovery:metrics_updated', Object.fromEntries(changed));
    const { congestionState } = metrics;
    if (congestionState === undefined || congestionState === this.#congestionState) return;
    const old = this.#congestionState === undefined ? {} : { old: this.#congestionState };
    this.#event(now, 'recovery:congestion_state_updated', { ...old, new: congestionState });
    this.#congestionState = congestionState;
  }

  onStateUpdated(now: number, from: ConnectionState, to: ConnectionState): void {
    this.#event(now, 'connectivity:connection_state_updated', {
      old: STATE_NAMES[from] ?? from,
      new: STATE_NAMES[to] ?? to,
    });
  }

  onParametersReceived(now: number, parameters: TransportParameters, cipherSuite: CipherSuite): void {
    this.#event(now, 'transport:parameters_set', {
      owner: 'remote',
      tls_cipher: cipherSuite,
      max_idle_timeout: parameters.idleTimeoutMs,
      max_udp_payload_size: parameters.datagramBytesMax,
      max_ack_delay: parameters.ackDelayMsMax,
      initial_max_data: parameters.initialMaxData,
    });
  }

  onKeyUpdated(now: number, direction: 'send' | 'receive'): void {
    const isClientsKey = (this.#trace.connection.side === 'client') === (direction === 'send');
    this.#generations[direction] += 1;
    this.#event(now, 'security:key_updated', {
      key_type: isClientsKey ? 'client_1rtt_secret' : 'server_1rtt_secret',
      generation: this.#generations[direction],
      trigger: direction === 'send' ? 'local_update' : 'remote_update',
    });
  }

  onEnded(now: number, end: ConnectionEnd): void {
    const isRemote = end.kind === 'reset-by-peer' || end.kind === 'refused';
    this.#event(now, 'connectivity:connection_closed', {
      owner: isRemote ? 'remote' : 'local',
      trigger: end.kind,
      ...('code' in end ? { connection_code: end.code } : {}),
      ...('reason' in end ? { reason: end.reason } : {}),
    });
    this.#trace.onEnded?.();
  }

  #event(now: number, name: string, data: Fields): void {
    this.#record({ time: microsecondPrecision(now - this.#trace.startedAtMs), name, data });
  }

  #record(value: Fields): void {
    this.#trace.write(`${RECORD_SEPARATOR}${JSON.stringify(value)}\n`);
  }
}

function packetFields({ type, packetNumber, bytes, frames }: ObservedPacket): Fields {
  return {
    header: {
      packet_type: PACKET_TYPES[type],
      ...(packetNumber === undefined ? {} : { packet_number: packetNumber }),
    },
    raw: { length: bytes },
    frames: frames.map(frameFields),
  };
}

function frameFields(frame: ObservedFrame): Fields {
  switch (frame.type) {
    case 'ping':
      return { frame_type: 'ping' };
    case 'receive-time':
      return { frame_type: 'timestamp', timestamp: frame.microseconds };
    case 'ack':
      return {
        frame_type: 'ack',
        ack_delay: frame.delayMs,
        acked_ranges: frame.ranges,
        ...(frame.ecn ? { ect0: frame.ecn.ect0, ect1: frame.ecn.ect1, ce: frame.ecn.congestion } : {}),
      };
    case 'reset': {
      const error_space = frame.code < 0x100 ? 'transport' : 'application';
      return { frame_type: 'connection_close', error_space, error_code: frame.code, reason: frame.reason };
    }
    case 'max-data':
      return { frame_type: 'max_data', maximum: frame.bytesMax };
    case 'fin':
      return { frame_type: 'stream', stream_id: 0, offset: frame.finalSize, length: 0, fin: true };
    case 'stream':
      return { frame_type: 'stream', stream_id: 0, offset: frame.offset, length: frame.length };
    default:
      // QUIC has nothing of the kind.
      return { frame_type: 'unknown', name: frame.type };
  }
}

function metricFields(metrics: ObservedMetrics): Fields {
  const { pacingRate } = metrics;
  return {
    smoothed_rtt: microsecondPrecision(metrics.smoothedRttMs),
    latest_rtt: microsecondPrecision(metrics.latestRttMs),
    min_rtt: microsecondPrecision(metrics.minRttMs),
    rtt_variance: microsecondPrecision(metrics.rttVarianceMs),
    congestion_window: Math.floor(metrics.congestionWindow),
    bytes_in_flight: metrics.bytesInFlight,
    pto_count: metrics.probeTimeoutCount,
    // Bits per second; JSON has no infinity.
    ...(Number.isFinite(pacingRate) ? { pacing_rate: Math.round(8 * pacingRate) } : {}),
  };
}

function microsecondPrecision(milliseconds: number): number {
  return Math.round(1000 * milliseconds) / 1000;
}
