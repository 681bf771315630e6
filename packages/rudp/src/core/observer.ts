import type { CongestionController } from './congestion/controller.ts';
import type { ObservedFrame } from './frames/frame-summary.ts';
import type { TransportParameters } from './handshake/transport-parameters.ts';
import type { CipherSuite } from './keys/crypto.ts';
import type { ConnectionId } from './packets/connection-id.ts';
import type { RemoteAddress } from './packets/datagrams.ts';
import { PacketType } from './packets/packet.ts';
import type { RttEstimator } from './recovery/rtt-estimator.ts';
import type { ConnectionEnd } from './states/connection-end.ts';
import type { ConnectionState } from './states/connection-state.ts';

/** The connection that an observer is made for. */
export interface ObservedConnection {
  readonly side: 'client' | 'server';
  /** The client's connection id: the same on both sides. */
  readonly clientId: ConnectionId;
  readonly localId: ConnectionId;
  readonly remote: RemoteAddress;
}

/** Kinds of packets; DATA of both key phases is one kind. */
export type ObservedPacketType = 'syn' | 'syn-ack' | 'reject' | 'cookie' | 'data' | 'unknown';

/** One packet that left or arrived. */
export interface ObservedPacket {
  readonly type: ObservedPacketType;
  /** Undefined for the packets of the handshake, which have none. */
  readonly packetNumber: number | undefined;
  /** The whole packet, header and tag included. */
  readonly bytes: number;
  /** In their order; empty for the packets of the handshake. */
  readonly frames: readonly ObservedFrame[];
}

/** Why a packet of the connection was thrown away: it came before, or it did not decrypt. */
export type PacketDropReason = 'duplicate' | 'unauthentic';

/** A packet that was given up. */
export interface ObservedLoss {
  readonly packetNumber: number;
  readonly bytes: number;
  /** Which of the two rules of RFC 9002 §6.1 found it. */
  readonly rule: 'packet-threshold' | 'time-threshold';
  /** It only probed whether the path carries its size: its loss is no congestion. */
  readonly isMtuProbe: boolean;
}

/** What congestion control and loss detection go by. Durations are milliseconds, sizes bytes, rates bytes per second. */
export interface ObservedMetrics {
  readonly smoothedRttMs: number;
  readonly latestRttMs: number;
  readonly minRttMs: number;
  readonly rttVarianceMs: number;
  readonly congestionWindow: number;
  readonly bytesInFlight: number;
  /** Infinity when the controller does not pace. */
  readonly pacingRate: number;
  /** Probe timeouts in a row. */
  readonly probeTimeoutCount: number;
  /** The controller's own word for what it is doing; undefined when it has but one state. */
  readonly congestionState: string | undefined;
}

/**
 * Watches one connection. Every call comes with the time of what happened, in its order; nothing that an observer does may reach
 * back into the connection. Arguments are made for the call and may be kept.
 */
export interface ConnectionObserver {
  onPacketSent(now: number, packet: ObservedPacket): void;
  /** Comes before whatever the packet causes. */
  onPacketReceived(now: number, packet: ObservedPacket): void;
  onPacketDropped(now: number, bytes: number, reason: PacketDropReason): void;
  onPacketLost(now: number, loss: ObservedLoss): void;
  /** After each ACK frame and each train; perhaps without a change. */
  onMetricsUpdated(now: number, metrics: ObservedMetrics): void;
  onStateUpdated(now: number, from: ConnectionState, to: ConnectionState): void;
  /** The handshake has told what the peer can take. */
  onParametersReceived(now: number, parameters: TransportParameters, cipherSuite: CipherSuite): void;
  /** The keys of one direction were replaced by the next ones. */
  onKeyUpdated(now: number, direction: 'send' | 'receive'): void;
  /** The connection is over; what follows only tells late packets so. */
  onEnded(now: number, end: ConnectionEnd): void;
}

/** Makes the observer of a new connection; undefined leaves it unobserved, at no cost. */
export type ObserverFactory = (now: number, connection: ObservedConnection) => ConnectionObserver | undefined;

const TYPE_NAMES: ReadonlyMap<number, ObservedPacketType> = new Map([
  [PacketType.syn, 'syn'],
  [PacketType.synAck, 'syn-ack'],
  [PacketType.reject, 'reject'],
  [PacketType.cookie, 'cookie'],
  [PacketType.data, 'data'],
]);

/** A packet of the handshake as an observer sees it. */
export function handshakePacket(packet: Uint8Array): ObservedPacket {
  const type = TYPE_NAMES.get(packet[0] as number) ?? 'unknown';
  return { type, packetNumber: undefined, bytes: packet.length, frames: [] };
}

/** Tells the figures of the moment, if anybody watches. */
export function observeMetrics(
  now: number,
  parts: {
    readonly observer: ConnectionObserver | undefined;
    readonly rtt: RttEstimator;
    readonly loss: Pick<ObservedMetrics, 'bytesInFlight' | 'probeTimeoutCount'>;
    readonly controller: CongestionController;
  },
): void {
  if (parts.observer === undefined) return;
  const { rtt, loss, controller } = parts;
  parts.observer.onMetricsUpdated(now, {
    smoothedRttMs: rtt.smoothedMs,
    latestRttMs: rtt.latestMs,
    minRttMs: rtt.minMs,
    rttVarianceMs: rtt.varianceMs,
    congestionWindow: controller.congestionWindow,
    bytesInFlight: loss.bytesInFlight,
    pacingRate: controller.pacingRate,
    probeTimeoutCount: loss.probeTimeoutCount,
    congestionState: controller.state,
  });
}
