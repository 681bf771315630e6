import { describe, expect, test } from 'vitest';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const DELAY_MS = 20;
const RATE_BITS_PER_SECOND = 20e6;
const BANDWIDTH_DELAY_BYTES = (RATE_BITS_PER_SECOND / 8000) * 2 * DELAY_MS;
const TRANSFER_BYTES = 3_000_000;

function download(options: Partial<TransportPairOptions> = {}): TransportPair {
  const pair = TransportPair.open({
    seed: 'marks',
    crypto: 'cheap',
    link: {
      delayMs: DELAY_MS,
      rateBitsPerSecond: RATE_BITS_PER_SECOND,
      queueBytesMax: 6 * BANDWIDTH_DELAY_BYTES,
    },
    config: { isEcnEnabled: true },
    serverSends: TRANSFER_BYTES,
    ...options,
  });
  pair.runToEnd({ limitMs: 60_000 });
  expect(pair.clientApplication?.receivedBytes).toBe(TRANSFER_BYTES);
  return pair;
}

describe('a path that marks instead of dropping', () => {
  // RUDP-ECN-1, RUDP-ECN-2, RUDP-ECN-3, RUDP-ECN-5, RUDP-ECN-6
  test.each([
    { congestionController: 'cubic', markedPart: 1 / 2 },
    { congestionController: 'bbr', markedPart: 1 / 4 },
  ] as const)(
    'is kept full by $congestionController without a loss',
    ({ congestionController, markedPart }) => {
      const config = { congestionController, isEcnEnabled: true };
      const marking = { markQueueBytes: markedPart * BANDWIDTH_DELAY_BYTES };
      const pair = download({ config, toClient: marking });
      const { ecnState, bytesRetransmitted, packetsLost } = pair.serverConnection.statistics();
      expect(ecnState).toBe('capable');
      expect(pair.toClient.counters.packetsMarked).toBeGreaterThan(0);
      expect(pair.clientConnection.statistics().congestionMarks).toBe(pair.toClient.counters.packetsMarked);
      expect([bytesRetransmitted, packetsLost]).toEqual([0, 0]);
      // Ideal: the bytes at the rate of the line, headers aside.
      const idealMs = (TRANSFER_BYTES * 8000) / RATE_BITS_PER_SECOND;
      expect(pair.now).toBeLessThan(1.25 * idealMs);
    },
  );

  // RUDP-ECN-5, RUDP-ECN-6
  test('keeps the queue of cubic short, which would fill it and lose', () => {
    const toClient = { markQueueBytes: BANDWIDTH_DELAY_BYTES / 2 };
    const marked = download({ config: { congestionController: 'cubic', isEcnEnabled: true }, toClient });
    const unmarked = download({ config: { congestionController: 'cubic' }, toClient });
    const { queueBytesPeak } = unmarked.toClient.counters;
    expect(marked.toClient.counters.queueBytesPeak).toBeLessThan(queueBytesPeak / 2);
    expect(unmarked.serverConnection.statistics().packetsLost).toBeGreaterThan(0);
  });

  // RUDP-ECN-6
  test('is no concern of fixed-window', () => {
    const config = {
      congestionController: 'fixed-window',
      fixedWindowPackets: 100,
      isEcnEnabled: true,
    } as const;
    const pair = download({ config, toClient: { markQueueBytes: 1000 } });
    expect(pair.serverConnection.statistics()).toMatchObject({
      ecnState: 'capable',
      congestionWindow: 147_200,
    });
  });
});

describe('a path that does not care for marks', () => {
  // RUDP-ECN-4
  test('one that erases them is found out, and used without', () => {
    const pair = download({ toClient: { marks: 'erased' } });
    expect(pair.serverConnection.statistics().ecnState).toBe('failed');
  });

  // RUDP-ECN-1
  test('who does not mark is never told of marks', () => {
    const pair = download({ config: {}, toClient: { markQueueBytes: 0 } });
    expect(pair.serverConnection.statistics().ecnState).toBe('off');
    expect(pair.clientConnection.statistics().congestionMarks).toBe(0);
  });

  // RUDP-ECN-1, RUDP-ECN-2
  test('one side may mark although the other does not: counting is not a matter of settings', () => {
    const pair = download({ config: {}, serverConfig: { isEcnEnabled: true } });
    expect(pair.serverConnection.statistics().ecnState).toBe('capable');
    expect(pair.clientConnection.statistics().ecnState).toBe('off');
  });
});
