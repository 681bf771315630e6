import { type Connection, DEFAULT_CONFIG, type RudpConfig } from '@parley/rudp/core';
import type { Violations } from './violations.ts';

/** What docs/spec/rudp.md and the configuration promise for one connection. */
const LIMITS = { streamRanges: 8192 + 1, packetRanges: 1024 };
/** Smallest size of either buffer, before its doubling. */
const BUFFER_BYTES_MIN = 262_144;
/** Records of sent packets: those in flight and, for three probe timeouts, the lost ones. */
const PACKET_RECORDS_MAX = 200_000;
/** Snapshots cost time: one of so many changes is looked at. */
const SAMPLE_EVERY = 64;

/** Memory of one connection stays within its bounds, whatever the network and the peer do. */
export class MemoryChecker {
  readonly #violations: Violations;
  #changes = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** Something changed: looks at the connections now and then. */
  sample(connections: Iterable<readonly [Connection, Partial<RudpConfig>]>): void {
    if (this.#changes++ % SAMPLE_EVERY !== 0) return;
    for (const [connection, config] of connections) this.#check(connection, { ...DEFAULT_CONFIG, ...config });
  }

  #check(connection: Connection, config: RudpConfig): void {
    const statistics = connection.statistics();
    const bounds: readonly [string, number, number][] = [
      ['send buffer', statistics.sendBufferBytes, 2 * Math.max(config.sendBufferBytesMax, BUFFER_BYTES_MIN)],
      [
        'receive buffer',
        statistics.receiveBufferBytes,
        2 * Math.max(config.receiveWindowBytesMax, BUFFER_BYTES_MIN),
      ],
      ['stream ranges', statistics.streamRangesReceived, LIMITS.streamRanges],
      ['packet ranges', statistics.packetRangesReceived, LIMITS.packetRanges],
      ['packet records', statistics.packetRecords, PACKET_RECORDS_MAX],
    ];
    for (const [name, actual, bound] of bounds) {
      this.#violations.require(actual <= bound, 'memory', () => `${name}: ${actual} exceed ${bound}`);
    }
  }
}
