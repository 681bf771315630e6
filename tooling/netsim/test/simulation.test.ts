import { describe, expect, test } from 'vitest';
import {
  type DatagramTrain,
  formatTraceRecord,
  type LinkOptions,
  Pair,
  type SimulatedEndpoint,
  Simulation,
  type SimulationError,
} from '../src/index.ts';
import { StopAndWait } from './support/stop-and-wait.ts';

const values = Array.from({ length: 50 }, (_, index) => index);

function createPair(link: LinkOptions, seed: number | string = 1): Pair<StopAndWait> {
  return new Pair({ seed, client: new StopAndWait(), server: new StopAndWait(), link });
}

function received(pair: Pair<StopAndWait>): number[] {
  return pair.server.events.flatMap((event) => (event.type === 'received' ? [event.value] : []));
}

/** An endpoint that does nothing but what a test replaces. */
function createIdleEndpoint(replacement: Partial<SimulatedEndpoint> = {}): SimulatedEndpoint {
  return {
    handleDatagram: () => {},
    handleDeadline: () => {},
    pollDeadline: () => undefined,
    pollTransmit: () => undefined,
    pollEvent: () => undefined,
    ...replacement,
  };
}

function errorOf(action: () => void): SimulationError {
  try {
    action();
  } catch (error) {
    return error as SimulationError;
  }
  throw new Error('expected an error');
}

describe('running', () => {
  test('a value crosses and its acknowledgement returns after exactly one round trip', () => {
    const pair = createPair({ delayMs: 25 });
    pair.client.endpoint.send(pair.now, pair.server.address, [7]);
    pair.runUntil(() => pair.client.events.length > 0);
    expect(pair.now).toBe(50);
    expect(pair.client.events).toEqual([{ type: 'acknowledged', value: 7 }]);
    expect(pair.server.events).toEqual([{ type: 'received', value: 7, from: pair.client.address }]);
  });

  test('each step is the next thing that happens', () => {
    const pair = createPair({ delayMs: 25 });
    pair.client.endpoint.send(pair.now, pair.server.address, [7]);
    const times: number[] = [];
    while (pair.step()) times.push(pair.now);
    expect(times).toEqual([25, 50]);
  });

  test('everything arrives in order over a bad link', () => {
    const pair = createPair({
      delayMs: 20,
      jitterMs: 10,
      loss: 0.2,
      duplicateRatio: 0.1,
      reorderRatio: 0.1,
      holdBackMs: 30,
    });
    pair.client.endpoint.send(pair.now, pair.server.address, values);
    pair.runUntil(() => pair.client.events.length === values.length, { limitMs: 60_000 });
    expect(received(pair)).toEqual(values);
    expect(pair.toServer.counters.packetsDropped.loss).toBeGreaterThan(0);
    expect(pair.toClient.counters.packetsDuplicated).toBeGreaterThan(0);
  });

  test('run until a time leaves the clock there, whether or not something happens', () => {
    const pair = createPair({ delayMs: 25 });
    pair.client.endpoint.send(pair.now, pair.server.address, [7]);
    pair.run({ untilMs: 24.5 });
    expect([pair.now, received(pair)]).toEqual([24.5, []]);
    pair.run({ untilMs: 25 });
    expect([pair.now, received(pair)]).toEqual([25, [7]]);
    pair.run({ untilMs: 1000 });
    expect(pair.now).toBe(1000);
  });

  test('run without a time goes on until nothing is left', () => {
    const pair = createPair({ delayMs: 1, loss: 0.5 });
    pair.client.endpoint.send(pair.now, pair.server.address, values);
    pair.run();
    expect(received(pair)).toEqual(values);
    expect(pair.step()).toBe(false);
  });

  test('the clock may start anywhere', () => {
    const pair = new Pair({
      seed: 1,
      client: new StopAndWait(),
      server: new StopAndWait(),
      startMs: 12_345.5,
    });
    expect(pair.now).toBe(12_345.5);
    expect(() => pair.schedule(12_345, () => {})).toThrow(RangeError);
  });

  test('scheduled actions happen at their time, before what arrives then is answered', () => {
    const pair = createPair({ delayMs: 25 });
    const log: string[] = [];
    pair.client.endpoint.send(pair.now, pair.server.address, [7]);
    pair.schedule(10, () => log.push(`first at ${pair.now}`));
    pair.schedule(10, () => log.push(`second at ${pair.now}`));
    pair.schedule(40, () => pair.client.endpoint.send(pair.now, pair.server.address, [8]));
    pair.run();
    expect(log).toEqual(['first at 10', 'second at 10']);
    expect(received(pair)).toEqual([7, 8]);
  });

  test('an event hook may answer with commands to any endpoint', () => {
    const client = new StopAndWait();
    const server = new StopAndWait();
    const pair: Pair<StopAndWait> = new Pair({
      seed: 1,
      client,
      server,
      link: { delayMs: 5 },
      serverOptions: {
        onEvent: (event, now) => {
          if (event.type === 'received' && event.value < 3)
            client.send(now, pair.server.address, [event.value + 1]);
        },
      },
    });
    client.send(pair.now, pair.server.address, [0]);
    pair.run();
    expect(received(pair)).toEqual([0, 1, 2, 3]);
  });

  test('more than two endpoints share one network', () => {
    const simulation = new Simulation({ seed: 1, defaultLink: { delayMs: 10 } });
    const hub = simulation.addEndpoint('hub', new StopAndWait());
    const nodes = ['a', 'b', 'c'].map((name) => simulation.addEndpoint(name, new StopAndWait()));
    for (const [index, node] of nodes.entries()) node.endpoint.send(simulation.now, hub.address, [index]);
    simulation.run();
    const senders = hub.events.flatMap((event) => (event.type === 'received' ? [event.from.host] : []));
    expect(senders).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4']);
  });
});

describe('changing the network while it runs', () => {
  test('a partition holds everything up until it heals', () => {
    const pair = createPair({ delayMs: 5 });
    pair.network.partition({ from: 'client', to: 'server' });
    pair.schedule(1000, () => pair.network.heal({ from: 'client', to: 'server' }));
    pair.client.endpoint.send(pair.now, pair.server.address, [1]);
    pair.run();
    expect(pair.now).toBeGreaterThanOrEqual(1000);
    expect(received(pair)).toEqual([1]);
    expect(pair.trace.select({ fate: 'partition' }).length).toBe(10);
  });

  test('after a rebind answers go to the new address; those on their way to the old one reach nobody', () => {
    const pair = createPair({ delayMs: 30 });
    pair.client.endpoint.send(pair.now, pair.server.address, [1, 2]);
    pair.schedule(45, () => pair.network.rebind('client', { host: '198.51.100.1', port: 2000 }));
    pair.run();
    // The first answer was sent at 30 to the old address; the retry at 100 comes from the new one.
    expect(pair.client.events.map(({ value }) => value)).toEqual([1, 2]);
    expect(pair.client.address).toEqual({ host: '198.51.100.1', port: 2000 });
    expect(pair.now).toBe(220);
  });

  test('link options change at a time', () => {
    const pair = createPair({ delayMs: 5 });
    pair.schedule(50, () => pair.toClient.configure({ delayMs: 20 }));
    pair.schedule(60, () => pair.client.endpoint.send(60, pair.server.address, [1]));
    pair.run();
    expect(pair.now).toBe(85);
  });
});

describe('programs that are late', () => {
  test('a timer fires up to its lateness after its time, and never before', () => {
    const firedAtMs: number[] = [];
    let dueAtMs = 10;
    const endpoint = createIdleEndpoint({
      pollDeadline: () => (dueAtMs <= 1000 ? dueAtMs : undefined),
      handleDeadline: (now) => {
        firedAtMs.push(now - dueAtMs);
        dueAtMs += 10;
      },
    });
    new Pair({
      seed: 1,
      client: endpoint,
      server: createIdleEndpoint(),
      clientOptions: { timerLatenessMs: 4 },
    }).run();
    expect(firedAtMs.length).toBe(100);
    expect(Math.min(...firedAtMs)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...firedAtMs)).toBeLessThan(0.5);
    expect(Math.max(...firedAtMs)).toBeGreaterThan(3.5);
    expect(Math.max(...firedAtMs)).toBeLessThan(4);
  });

  test('a paused program neither sends nor receives, and catches up afterwards', () => {
    const pair = createPair({ delayMs: 25 });
    pair.client.endpoint.send(pair.now, pair.server.address, [7]);
    pair.schedule(20, () => pair.pause('server', 30));
    pair.runUntil(() => received(pair).length > 0);
    expect(pair.now).toBe(50);
    pair.pause('client', 100);
    pair.client.endpoint.send(pair.now, pair.server.address, [8]);
    pair.runUntil(() => received(pair).length === 2);
    expect(pair.now).toBe(175);
    expect(pair.client.events.map(({ value }) => value)).toEqual([7]);
    expect(() => pair.pause('nobody', 1)).toThrow('got nobody');
  });
});

describe('determinism', () => {
  const nasty: LinkOptions = {
    delayMs: 20,
    jitterMs: 15,
    loss: 0.2,
    duplicateRatio: 0.1,
    reorderRatio: 0.2,
    corruptRatio: 0.05,
    rateBitsPerSecond: 1e5,
  };

  function traceOf(seed: number): string[] {
    const pair = createPair(nasty, seed);
    pair.client.endpoint.send(pair.now, pair.server.address, values);
    pair.runUntil(() => received(pair).length === values.length);
    return pair.trace.records.map(formatTraceRecord);
  }

  test('the same seed gives the same trace, another seed another one', () => {
    const first = traceOf(42);
    expect(first.length).toBeGreaterThan(values.length);
    expect(traceOf(42)).toEqual(first);
    expect(traceOf(43)).not.toEqual(first);
  });

  test('what a test draws for itself does not disturb the network', () => {
    const pair = createPair(nasty, 42);
    pair.random.bytes(100);
    pair.client.endpoint.send(pair.now, pair.server.address, values);
    pair.runUntil(() => received(pair).length === values.length);
    expect(pair.trace.records.map(formatTraceRecord)).toEqual(traceOf(42));
  });
});

describe('trains', () => {
  function createTrainSender(lengths: {
    byteLength: number;
    segmentBytes: number;
    segmentCount: number;
  }): SimulatedEndpoint {
    let train: DatagramTrain | undefined = { remote: { host: '10.0.0.2', port: 4433 }, ...lengths };
    return createIdleEndpoint({
      pollTransmit: (_, buffer) => {
        const next = train;
        train = undefined;
        buffer.set(Array.from({ length: 250 }, (_, index) => index));
        return next;
      },
    });
  }

  function arrivalsOf(
    lengths: { byteLength: number; segmentBytes: number; segmentCount: number },
    options: { coalescedBytesMax?: number; link?: LinkOptions } = {},
  ): number[][] {
    const arrivals: number[][] = [];
    const { coalescedBytesMax = 0, link = {} } = options;
    const server = createIdleEndpoint({
      handleDatagram: (_now, _remote, bytes) => void arrivals.push([...bytes]),
    });
    new Pair({
      seed: 1,
      client: createTrainSender(lengths),
      server,
      link,
      serverOptions: { coalescedBytesMax },
    }).run();
    return arrivals;
  }

  test('a train becomes datagrams, the last one shorter', () => {
    expect(arrivalsOf({ byteLength: 10, segmentBytes: 4, segmentCount: 3 })).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(arrivalsOf({ byteLength: 8, segmentBytes: 4, segmentCount: 2 })).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  test('a train that contradicts itself is refused', () => {
    expect(() => arrivalsOf({ byteLength: 10, segmentBytes: 4, segmentCount: 2 })).toThrow('train');
    expect(() => arrivalsOf({ byteLength: 0, segmentBytes: 4, segmentCount: 0 })).toThrow('train');
    expect(() => arrivalsOf({ byteLength: 65_537, segmentBytes: 1, segmentCount: 65_537 })).toThrow('train');
  });

  test('datagrams of the same moment are handed over together when the receiver coalesces', () => {
    const train = { byteLength: 10, segmentBytes: 4, segmentCount: 3 };
    expect(arrivalsOf(train, { coalescedBytesMax: 65_535 })).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    expect(arrivalsOf(train, { coalescedBytesMax: 8 })).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 9],
    ]);
    expect(arrivalsOf(train, { coalescedBytesMax: 65_535, link: { rateBitsPerSecond: 1e6 } }).length).toBe(3);
  });

  test('every arrival is a copy of its own, so a receiver may work in place', () => {
    const pair = createPair({ duplicateRatio: 1 });
    pair.client.endpoint.send(pair.now, pair.server.address, [5]);
    pair.run();
    // The first copy was overwritten by its receiver; the second one was still recognised as the same value.
    expect(received(pair)).toEqual([5]);
    expect(pair.trace.select({ from: 'server' }).map(({ firstBytes }) => [...firstBytes])).toEqual([
      [2, 5],
      [2, 5],
    ]);
  });
});

describe('trace', () => {
  test('tells what was sent, when, by whom, and what became of it', () => {
    const pair = createPair({ delayMs: 25, drop: (index) => index === 0 });
    pair.client.endpoint.send(pair.now, pair.server.address, [9]);
    pair.runUntil(() => received(pair).length > 0);
    expect(pair.trace.records[0]).toEqual({
      index: 0,
      sentAtMs: 0,
      from: 'client',
      to: 'server',
      byteLength: 2,
      firstBytes: Uint8Array.of(1, 9),
      fate: 'scripted',
      deliveredAtMs: [],
      isCorrupted: false,
      isHeldBack: false,
    });
    expect(pair.trace.select({ from: 'client', fate: 'delivered' }).map(formatTraceRecord)).toEqual([
      '100.000 ms  client → server  2 B  0109  at 125.000 ms',
    ]);
  });

  test('keeps the latest records and counts all', () => {
    const pair = new Pair({
      seed: 1,
      client: new StopAndWait(),
      server: new StopAndWait(),
      traceRecordsMax: 10,
    });
    pair.client.endpoint.send(pair.now, pair.server.address, values);
    pair.run();
    expect(pair.trace.datagramCount).toBe(100);
    expect(pair.trace.records.map(({ index }) => index)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });

  test('names an address that nobody has', () => {
    const pair = createPair({});
    pair.client.endpoint.send(pair.now, { host: '203.0.113.9', port: 1 }, [1]);
    pair.run({ untilMs: 0 });
    expect(pair.trace.records[0]).toMatchObject({ to: '203.0.113.9:1', fate: 'unreachable' });
  });
});

describe('a stuck simulation', () => {
  test('fails when the time is over, with the seed, the time and the last datagrams', () => {
    const pair = createPair({ loss: 1 }, 'the seed');
    pair.client.endpoint.send(pair.now, pair.server.address, [1]);
    const error = errorOf(() => pair.runUntil(() => received(pair).length > 0, { limitMs: 1000 }));
    expect([error.name, error.code, error.seed]).toEqual(['SimulationError', 'time-limit', 'the seed']);
    expect(error.message).toContain('seed the seed, now 1000 ms');
    expect(error.message).toContain('deadlines: client at 1100 ms');
    expect(error.message).toContain('1000.000 ms  client → server  2 B  0101  loss');
  });

  test('fails when it took too many steps', () => {
    const pair = createPair({ loss: 1 });
    pair.client.endpoint.send(pair.now, pair.server.address, [1]);
    expect(errorOf(() => pair.run({ untilMs: 1e6, stepsMax: 100 })).code).toBe('steps-limit');
    expect(pair.now).toBe(10_000);
  });

  test('fails when nothing is left that could fulfil the condition', () => {
    const pair = createPair({});
    expect(errorOf(() => pair.runUntil(() => false)).code).toBe('idle');
  });

  test('fails when a deadline stays in the past', () => {
    const endpoint = createIdleEndpoint({ pollDeadline: () => 5 });
    const pair = new Pair({ seed: 1, client: endpoint, server: createIdleEndpoint() });
    expect(errorOf(() => pair.run()).code).toBe('no-progress');
    expect(pair.now).toBe(5);
  });

  test('fails when an endpoint never stops sending', () => {
    const train = {
      remote: { host: '203.0.113.9', port: 1 },
      byteLength: 1,
      segmentBytes: 1,
      segmentCount: 1,
    };
    const endpoint = createIdleEndpoint({ pollTransmit: () => train });
    const pair = new Pair({ seed: 1, client: endpoint, server: createIdleEndpoint() });
    expect(errorOf(() => pair.run()).message).toContain('client never stops sending');
  });

  test('fails when an endpoint never stops reporting', () => {
    const endpoint = createIdleEndpoint({ pollEvent: () => 'again' });
    const pair = new Pair({ seed: 1, client: endpoint, server: createIdleEndpoint() });
    expect(errorOf(() => pair.run()).message).toContain('client never stops reporting');
  });
});
