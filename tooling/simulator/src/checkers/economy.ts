import type { ConnectionStatistics } from '@parley/rudp/core';
import { DEFAULT_CONFIG, type RudpConfig } from '@parley/rudp/core';
import type { Violations } from './violations.ts';

/** Packets that a probe timeout lets out (RUDP-LOSS-4). */
const PROBE_PACKETS = 2;
/** Packets that repeat bytes for no loss: the FIN that leaves again, and what a probe repeats when it was not counted yet. */
const REPEATS_MAX = 4;
/** Part of the bytes sent that leave as copies of what was lost twice, or at the end (RUDP-SEND-3). */
const COPIED_PART_MAX = 1 / 32;
/** Datagrams that acknowledge nothing and are not acknowledged: repeats of the handshake, challenges of paths, copies of a RESET. */
const UNASKED = 48;

type Counters = Pick<
  ConnectionStatistics,
  | 'bytesRetransmitted'
  | 'bytesSent'
  | 'datagramsReceived'
  | 'datagramsSent'
  | 'packetRecords'
  | 'packetsAcknowledged'
  | 'packetsLost'
  | 'probeTimeouts'
>;

/**
 * Nothing is sent for no reason: stream bytes are repeated only for packets that were declared lost, by probes and as the few copies that
 * the spec allows, and a datagram that asks for no acknowledgement answers one that arrived. What a storm of acknowledgements or of repeats breaks.
 */
export function checkEconomy(
  violations: Violations,
  name: string,
  counters: Counters,
  config: Partial<RudpConfig>,
): void {
  const { bytesRetransmitted, datagramsSent, datagramsReceived, probeTimeouts } = counters;
  const packetBytes = config.datagramBytesMax ?? DEFAULT_CONFIG.datagramBytesMax;
  const repeats = counters.packetsLost + PROBE_PACKETS * probeTimeouts + REPEATS_MAX;
  const repeatedBytesMax = Math.floor(packetBytes * repeats + COPIED_PART_MAX * counters.bytesSent);
  violations.require(
    bytesRetransmitted <= repeatedBytesMax,
    'economy',
    () =>
      `${name}: ${bytesRetransmitted} bytes were repeated, losses, probes and copies explain ${repeatedBytesMax}`,
  );
  const asking = counters.packetsAcknowledged + counters.packetsLost + counters.packetRecords;
  violations.require(
    datagramsSent <= asking + datagramsReceived + UNASKED,
    'economy',
    () => `${name}: ${datagramsSent} datagrams for ${asking} packets and ${datagramsReceived} that arrived`,
  );
}
