import { ReceivedPackets } from './acknowledgement/received-packets.ts';
import type { RudpConfig } from './config.ts';
import { createCongestionController } from './congestion/create.ts';
import { Pacer } from './congestion/pacer.ts';
import { PathController } from './congestion/path-controller.ts';
import type { TransportParameters } from './handshake/transport-parameters.ts';
import type { CryptoProvider } from './keys/crypto.ts';
import type { ConnectionObserver } from './observer.ts';
import type { PendingFrames } from './packet-assembler.ts';
import { MtuDiscovery } from './paths/mtu-discovery.ts';
import { EcnValidation } from './recovery/ecn.ts';
import { LossDetection, type PacketOutcomeHandler } from './recovery/loss-detection.ts';
import { RttEstimator } from './recovery/rtt-estimator.ts';
import type { ConnectionCounters, ConnectionStatistics } from './statistics.ts';
import { ReceiveCredit } from './stream/receive-credit.ts';
import { ReceiveStream } from './stream/receive-stream.ts';
import { SendStream } from './stream/send-stream.ts';
import type { AllocateBytes } from './structures/block-buffer.ts';
import { ByteReader } from './structures/byte-reader.ts';
import { TimerTable } from './timer-table.ts';

/** What a connection is made of. Each part knows its own concern; the connection passes events between them. */
export interface ConnectionParts {
  readonly rtt: RttEstimator;
  readonly controller: PathController;
  readonly pacer: Pacer;
  readonly loss: LossDetection;
  readonly received: ReceivedPackets;
  readonly sendStream: SendStream;
  readonly receiveStream: ReceiveStream;
  readonly credit: ReceiveCredit;
  readonly mtu: MtuDiscovery;
  readonly ecn: EcnValidation;
  readonly timers: TimerTable;
  readonly pending: PendingFrames;
  readonly counters: ConnectionCounters;
  readonly observer: ConnectionObserver | undefined;
}

/** The parts of a connection once the handshake has told what the peer can take. */
export function createParts(
  config: RudpConfig,
  options: {
    crypto: CryptoProvider;
    outcomes: PacketOutcomeHandler;
    observer: ConnectionObserver | undefined;
    allocate: AllocateBytes | undefined;
  },
): ConnectionParts {
  const { outcomes, observer } = options;
  const random = () => randomRatio(options.crypto);
  const rtt = new RttEstimator(config.initialRttMs);
  const mtu = new MtuDiscovery(config.datagramBytesMax);
  const controller = new PathController(mtu.current, (maxDatagramBytes) =>
    createCongestionController(config.congestionController, {
      maxDatagramBytes,
      random,
      windowPackets: config.fixedWindowPackets,
    }),
  );
  return {
    rtt,
    mtu,
    ecn: new EcnValidation(config.isEcnEnabled),
    controller,
    pacer: new Pacer(),
    loss: new LossDetection({ rtt, controller, outcomes, random, observer }),
    received: new ReceivedPackets(),
    // Nothing may leave before the peer's grant is known from its transport parameters.
    sendStream: new SendStream({
      bufferBytesMax: config.sendBufferBytesMax,
      initialMaxData: 0,
      allocate: options.allocate,
    }),
    receiveStream: new ReceiveStream(options.allocate),
    credit: new ReceiveCredit({
      windowBytesInitial: config.receiveWindowBytesInitial,
      windowBytesMax: config.receiveWindowBytesMax,
      bytesPerSecondMax: config.receiveBytesPerSecondMax,
    }),
    timers: new TimerTable(),
    pending: { ping: false, handshakeAck: false, maxData: false },
    counters: {
      datagramsSent: 0,
      datagramsReceived: 0,
      bytesSent: 0,
      bytesReceived: 0,
      packetsDuplicate: 0,
      packetsUnauthentic: 0,
    },
    observer,
  };
}

/** The peer has told what it can take. */
export function applyParameters(
  { sendStream, loss, mtu }: ConnectionParts,
  { initialMaxData, ackDelayMsMax, datagramBytesMax }: TransportParameters,
): void {
  sendStream.onMaxData(initialMaxData);
  loss.peerAckDelayMsMax = ackDelayMsMax;
  mtu.limitTo(datagramBytesMax);
}

function randomRatio(crypto: CryptoProvider): number {
  return new ByteReader(crypto.randomBytes(4)).u32() / 2 ** 32;
}

/** A snapshot of everything that the parts count. */
export function statisticsOf(
  parts: ConnectionParts,
  ofKeys: Pick<ConnectionStatistics, 'bytesRetransmitted' | 'packetProtection' | 'aeadLibrary'>,
): ConnectionStatistics {
  return {
    smoothedRttMs: parts.rtt.smoothedMs,
    rttVarianceMs: parts.rtt.varianceMs,
    minRttMs: parts.rtt.minMs,
    congestionController: parts.controller.name,
    congestionWindow: parts.controller.congestionWindow,
    bytesInFlight: parts.loss.bytesInFlight,
    pacingRate: parts.controller.pacingRate,
    deliveryRate: parts.loss.rate.latestRate,
    mtu: parts.mtu.current,
    ecnState: parts.ecn.state,
    congestionMarks: parts.received.ecn.congestion,
    receiveWindowBytes: parts.credit.windowBytes,
    ...parts.counters,
    ...ofKeys,
    packetsAcknowledged: parts.loss.counters.packetsAcknowledged,
    packetsLost: parts.loss.counters.packetsLost,
    packetsSpurious: parts.loss.counters.packetsSpurious,
    probeTimeouts: parts.loss.counters.probeTimeouts,
    streamBytesAcknowledged: parts.sendStream.acknowledgedBytes,
    streamBytesReceived: parts.receiveStream.contiguousBytes,
    sendBufferBytes: parts.sendStream.bufferBytesHeld,
    receiveBufferBytes: parts.receiveStream.bufferBytesHeld,
    streamRangesReceived: parts.receiveStream.rangeCount,
    packetRangesReceived: parts.received.ranges.count,
    packetRecords: parts.loss.packets.next - parts.loss.packets.oldest,
  };
}
