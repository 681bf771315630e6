import { describe, expect, test } from 'vitest';
import type { ConnectionStatistics } from '../../src/core/index.ts';
import { QlogWriter } from '../../src/node/qlog-writer.ts';
import { type QlogFile, QlogRecorder } from '../support/qlog-file.ts';
import { type Side, TransportPair } from '../support/transport-pair.ts';

const SIDES: readonly Side[] = ['client', 'server'];

/** A transfer of 400,000 bytes from the server, over a path that loses, reorders, repeats and damages. */
function openLossyPair(recorder: QlogRecorder): TransportPair {
  return TransportPair.open({
    seed: 3,
    link: {
      delayMs: 15,
      loss: 0.03,
      reorderRatio: 0.05,
      duplicateRatio: 0.02,
      corruptRatio: 0.02,
      rateBitsPerSecond: 20e6,
      mtuBytes: 1500,
    },
    serverSends: 400_000,
    observe: recorder.observe,
  });
}

function finishedTransfer(): { pair: TransportPair; recorder: QlogRecorder } {
  const recorder = new QlogRecorder();
  const pair = openLossyPair(recorder);
  pair.runToEnd({ limitMs: 20_000 });
  return { pair, recorder };
}

function connectionOf(pair: TransportPair, side: Side) {
  return side === 'client' ? pair.clientConnection : pair.serverConnection;
}

/** What a reader of the file would count: the fate of every ack-eliciting packet. */
function countFates(file: QlogFile) {
  const inFlight = new Map<number, number>();
  const lost = new Set<number>();
  const counts = { acknowledged: 0, lost: 0, spurious: 0 };
  for (const { name, data } of file.events) {
    const packetNumber = data.header?.packet_number ?? -1;
    if (name === 'transport:packet_sent' && isAckEliciting(data.frames))
      inFlight.set(packetNumber, data.raw?.length ?? 0);
    if (name === 'recovery:packet_lost') {
      expect(inFlight.delete(packetNumber)).toBe(true);
      lost.add(packetNumber);
      counts.lost += 1;
    }
    if (name !== 'transport:packet_received') continue;
    for (const [first, last] of data.frames?.flatMap((frame) => frame.acked_ranges ?? []) ?? []) {
      for (let number = first; number <= last; number += 1) {
        const isLate = lost.delete(number);
        if (isLate) counts.spurious += 1;
        if (isLate || inFlight.delete(number)) counts.acknowledged += 1;
      }
    }
  }
  const bytesInFlight = [...inFlight.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { ...counts, bytesInFlight };
}

function isAckEliciting(frames: QlogFile['events'][number]['data']['frames'] = []): boolean {
  return frames.some(
    ({ frame_type: type }) => type !== 'ack' && type !== 'timestamp' && type !== 'connection_close',
  );
}

function fatesIn(statistics: ConnectionStatistics) {
  return {
    acknowledged: statistics.packetsAcknowledged,
    lost: statistics.packetsLost,
    spurious: statistics.packetsSpurious,
    bytesInFlight: statistics.bytesInFlight,
  };
}

function lengthsOf(file: QlogFile, ...names: string[]): number[] {
  return names.flatMap((name) => file.all(name)).map(({ raw }) => raw?.length ?? Number.NaN);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the qlog of a transfer over a bad path (seed 3)', () => {
  const { pair, recorder } = finishedTransfer();

  test.each(SIDES)('begins with a header that names the %s, the connection and the clock', (side) => {
    const { localId } = pair.clientConnection;
    expect(recorder.file(side).header).toEqual({
      qlog_version: '0.3',
      qlog_format: 'JSON-SEQ',
      title: `rudp ${side} ${localId}`,
      trace: {
        vantage_point: { name: `parley rudp ${side}`, type: side },
        common_fields: {
          ODCID: localId,
          group_id: localId,
          protocol_type: ['RUDP'],
          time_format: 'relative',
          reference_time: 1_700_000_000_000,
        },
      },
    });
  });

  test.each(SIDES)('tells the events of the %s in order of time, from 0 to the end', (side) => {
    const times = recorder.file(side).events.map(({ time }) => time);
    expect(times[0]).toBe(0);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(times.at(-1)).toBeGreaterThan(100);
  });

  test.each(SIDES)('adds up to the statistics of the %s', (side) => {
    const file = recorder.file(side);
    const statistics = connectionOf(pair, side).statistics();
    expect(countFates(file)).toEqual(fatesIn(statistics));
    const sent = lengthsOf(file, 'transport:packet_sent');
    expect([sent.length, sum(sent)]).toEqual([statistics.datagramsSent, statistics.bytesSent]);
    const arrived = lengthsOf(file, 'transport:packet_received', 'transport:packet_dropped');
    expect(sum(arrived)).toBe(statistics.bytesReceived);
    const dropped = file.all('transport:packet_dropped').map(({ trigger }) => trigger);
    const duplicates = dropped.filter((trigger) => trigger === 'duplicate').length;
    expect([duplicates, dropped.length - duplicates]).toEqual([
      statistics.packetsDuplicate,
      statistics.packetsUnauthentic,
    ]);
  });

  test('was hard enough to show something', () => {
    const statistics = pair.serverConnection.statistics();
    const { packetsLost, packetsSpurious } = statistics;
    const received = pair.clientConnection.statistics();
    const figures = [packetsLost, packetsSpurious, received.packetsDuplicate, received.packetsUnauthentic];
    expect(Math.min(...figures)).toBeGreaterThan(0);
    const triggers = new Set(
      recorder
        .file('server')
        .all('recovery:packet_lost')
        .map(({ trigger }) => trigger),
    );
    expect(triggers).toContain('reordering_threshold');
  });

  test('what one side received is what the other sent, frame by frame', () => {
    for (const [sender, receiver] of [SIDES, [...SIDES].reverse()] as [Side, Side][]) {
      const sent = recorder.file(sender).all('transport:packet_sent');
      const byNumber = new Map(sent.map((data) => [data.header?.packet_number, data]));
      const received = recorder.file(receiver).all('transport:packet_received');
      const data = received.filter(({ header }) => header?.packet_type === '1RTT');
      expect(data.length).toBeGreaterThan(20);
      for (const packet of data) expect(packet).toEqual(byNumber.get(packet.header?.packet_number));
    }
  });

  test('the stream bytes that arrived cover the stream, and a frame with fin ends it', () => {
    const frames = recorder
      .file('client')
      .all('transport:packet_received')
      .flatMap((data) => data.frames ?? [])
      .filter((frame) => frame.frame_type === 'stream');
    const isCovered = new Uint8Array(400_000);
    for (const { offset = 0, length = 0 } of frames) isCovered.fill(1, offset, offset + length);
    expect(isCovered.every((value) => value === 1)).toBe(true);
    expect(frames.filter(({ fin }) => fin).map(({ offset }) => offset)).toContain(400_000);
  });

  test('walks through handshake and four-way close by the state table', () => {
    const statesOf = (side: Side) =>
      recorder
        .file(side)
        .all('connectivity:connection_state_updated')
        .map((data) => `${data.old} → ${data.new}`);
    expect(statesOf('client')[0]).toBe('attempted → handshake_complete');
    expect(statesOf('server')[0]).toBe('handshake_started → handshake_complete');
    for (const side of SIDES) {
      const ends = recorder.file(side).all('connectivity:connection_closed');
      expect(ends).toEqual([{ owner: 'local', trigger: 'finished' }]);
      const steps = statesOf(side).map((step) => step.split(' → '));
      for (let index = 1; index < steps.length; index += 1)
        expect(steps[index]?.[0]).toBe(steps[index - 1]?.[1]);
    }
  });

  test('tells what the peer can take, and what the controller is doing', () => {
    const file = recorder.file('server');
    expect(file.all('transport:parameters_set')).toEqual([
      {
        owner: 'remote',
        tls_cipher: 'aes-128-gcm',
        max_idle_timeout: 30_000,
        max_udp_payload_size: 1472,
        max_ack_delay: 25,
        initial_max_data: 1 << 20,
      },
    ]);
    const states = file.all('recovery:congestion_state_updated');
    expect(states[0]).toEqual({ new: 'startup' });
    expect(states.length).toBeGreaterThan(1);
    for (let index = 1; index < states.length; index += 1)
      expect(states[index]?.old).toBe(states[index - 1]?.new);
  });
});

test('in the middle of a transfer, too, sent less acknowledged less lost is what is in flight', () => {
  const recorder = new QlogRecorder();
  const pair = openLossyPair(recorder).runToEstablished();
  pair.runUntil(() => pair.serverConnection.statistics().streamBytesAcknowledged > 150_000);
  const statistics = pair.serverConnection.statistics();
  expect(statistics.bytesInFlight).toBeGreaterThan(0);
  expect(countFates(recorder.file('server'))).toEqual(fatesIn(statistics));
  const inFlight = recorder
    .file('server')
    .all('recovery:metrics_updated')
    .flatMap((data) => ('bytes_in_flight' in data ? [data.bytes_in_flight] : []));
  expect(inFlight.at(-1)).toBe(statistics.bytesInFlight);
});

test('updates of the keys are told with their generation, each side for both directions', () => {
  const recorder = new QlogRecorder();
  const pair = TransportPair.open({
    seed: 5,
    link: { delayMs: 10 },
    config: { keyUpdatePackets: 50 },
    serverSends: 300_000,
    observe: recorder.observe,
  });
  pair.runToEnd({ limitMs: 10_000 });
  for (const side of SIDES) {
    const updates = recorder.file(side).all('security:key_updated');
    for (const type of ['client_1rtt_secret', 'server_1rtt_secret']) {
      const generations = updates.filter((data) => data.key_type === type).map((data) => data.generation);
      expect(generations.length).toBeGreaterThan(1);
      expect(generations).toEqual(generations.map((_, index) => index + 1));
    }
  }
});

test.each([
  { code: 0x123, error_space: 'application' },
  { code: 5, error_space: 'transport' },
])('a reset with code $code is told as such by both sides', ({ code, error_space }) => {
  const recorder = new QlogRecorder();
  const pair = TransportPair.open({
    seed: 1,
    link: { delayMs: 10 },
    clientFinishes: 'never',
    serverFinishes: 'never',
    observe: recorder.observe,
  }).runToEstablished();
  pair.clientConnection.reset(pair.now, code, 'enough');
  pair.runToEnd();
  const frames = recorder
    .file('server')
    .all('transport:packet_received')
    .flatMap((data) => data.frames ?? []);
  expect(frames).toContainEqual({
    frame_type: 'connection_close',
    error_space,
    error_code: code,
    reason: 'enough',
  });
  const closed = (side: Side) => recorder.file(side).all('connectivity:connection_closed');
  const told = { connection_code: code, reason: 'enough' };
  expect(closed('client')).toEqual([{ owner: 'local', trigger: 'reset-locally', ...told }]);
  expect(closed('server')).toEqual([{ owner: 'remote', trigger: 'reset-by-peer', ...told }]);
});

test('an observer changes nothing: the same seed sends the same datagrams with and without it', () => {
  const traffic = (observe?: QlogRecorder['observe']) => {
    const pair = TransportPair.open({
      seed: 8,
      link: { delayMs: 10, loss: 0.05 },
      serverSends: 100_000,
      ...(observe === undefined ? {} : { observe }),
    });
    pair.runToEnd({ limitMs: 20_000 });
    return [pair.now, pair.clientConnection.statistics(), pair.serverConnection.statistics()];
  };
  expect(traffic(new QlogRecorder().observe)).toEqual(traffic());
});

test('the writer tells changed metrics only, rates in bits, and no infinity', () => {
  let text = '';
  const writer = new QlogWriter({
    connection: {
      side: 'client',
      clientId: '0011223344556677' as never,
      localId: '0011223344556677' as never,
      remote: { host: '::1', port: 9 },
    },
    startedAtMs: 1000,
    wallClockMs: 0,
    write: (piece) => {
      text += piece;
    },
  });
  const metrics = {
    smoothedRttMs: 10.12345,
    latestRttMs: 10,
    minRttMs: 9,
    rttVarianceMs: 1,
    congestionWindow: 14_720.7,
    bytesInFlight: 0,
    pacingRate: Number.POSITIVE_INFINITY,
    probeTimeoutCount: 0,
    congestionState: undefined,
  };
  writer.onMetricsUpdated(1001, metrics);
  const before = text.length;
  writer.onMetricsUpdated(1002, metrics);
  expect(text.length).toBe(before);
  writer.onMetricsUpdated(1003.0004, { ...metrics, pacingRate: 1000 });
  expect(text.split('\n').slice(1, -1)).toEqual([
    '\u001e{"time":0,"name":"connectivity:connection_started","data":{"ip_version":"ipv6","dst_ip":"::1","dst_port":9,"src_cid":"0011223344556677","protocol":"RUDP"}}',
    '\u001e{"time":1,"name":"recovery:metrics_updated","data":{"smoothed_rtt":10.123,"latest_rtt":10,"min_rtt":9,"rtt_variance":1,"congestion_window":14720,"bytes_in_flight":0,"pto_count":0}}',
    '\u001e{"time":3,"name":"recovery:metrics_updated","data":{"pacing_rate":8000}}',
  ]);
});
