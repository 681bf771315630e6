import { describe, expect, test } from 'vitest';
import { encodeFrame } from '../support/frames.ts';
import { PacketLog } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const DELAY_MS = 10;

function open(options: Partial<TransportPairOptions> & { seed: number | string }): TransportPair {
  return TransportPair.open({ link: { delayMs: DELAY_MS }, ...options });
}

/** Both ends are `finished` and everything is forgotten soon after. */
function expectOrderlyEnd(pair: TransportPair): void {
  expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  pair.runToSilence();
  expect(pair.client.endpoint.connectionCount + pair.server.endpoint.connectionCount).toBe(0);
}

/** States that a connection went through, as seen whenever something happened. */
function statesDuring(pair: TransportPair, run: () => void, of: () => string): string[] {
  const states: string[] = [of()];
  const note = () => {
    if (states.at(-1) !== of()) states.push(of());
    if (of() !== 'closed') pair.schedule(pair.now + 0.25, note);
  };
  note();
  run();
  return states;
}

describe('the four-way close', () => {
  // RUDP-STATE-1, RUDP-CLOSE-1
  test('takes FIN, ACK, FIN, ACK, and both sides through the states of RFC 9293', () => {
    const log = new PacketLog();
    const pair = open({ seed: 1, log, clientFinishes: 'never', serverFinishes: 'after-reading' });
    pair.runToEstablished().run({ untilMs: 500 });
    const before = { client: log.from('client').length, server: log.from('server').length };
    pair.clientConnection.finish();
    const { clientConnection, serverConnection } = pair;
    let serverStates: string[] = [];
    const clientStates = statesDuring(
      pair,
      () => {
        serverStates = statesDuring(
          pair,
          () => pair.run(),
          () => serverConnection.state,
        );
      },
      () => clientConnection.state,
    );
    expect(clientStates).toEqual(['established', 'fin-wait-1', 'time-wait', 'closed']);
    expect(serverStates).toEqual(['established', 'last-ack', 'closed']);
    const framesOf = (side: 'client' | 'server') =>
      log
        .from(side)
        .slice(before[side])
        .map(({ frames }) => frames.map(({ type }) => type));
    expect(framesOf('client')).toEqual([['ack', 'fin'], ['ack']]);
    expect(framesOf('server')).toEqual([['ack'], ['ack', 'fin']]);
    expectOrderlyEnd(pair);
  });

  // RUDP-CLOSE-1
  test('half-closed, the other direction goes on, both ways round', () => {
    for (const closer of ['client', 'server'] as const) {
      const other = closer === 'client' ? 'server' : 'client';
      const pair = open({
        seed: `half-close by the ${closer}`,
        [`${closer}Sends`]: 1000,
        [`${other}Sends`]: 400_000,
        [`${other}Finishes`]: 'after-writing',
      });
      pair.runUntil(
        () =>
          (closer === 'client' ? pair.clientConnection : pair.serverApplication?.connection)?.state ===
          'fin-wait-2',
      );
      const receiver = closer === 'client' ? pair.clientApplication : pair.serverApplication;
      expect(receiver?.receivedBytes).toBeLessThan(400_000);
      pair.runToEnd({ limitMs: 5000 });
      expect(receiver?.receivedBytes).toBe(400_000);
      expectOrderlyEnd(pair);
    }
  });

  // RUDP-CLOSE-1
  test('an idle half-closed connection can still be written to from the other side, much later', () => {
    const pair = open({ seed: 3, serverFinishes: 'never', config: { keepAliveMs: 5000 } });
    pair.runUntil(() => pair.clientConnection.state === 'fin-wait-2');
    pair.run({ untilMs: 60_000 });
    pair.serverConnection.write(patternAt(0, 5000));
    pair.serverConnection.finish();
    pair.runToEnd({ limitMs: 1000 });
    expect(pair.clientApplication?.receivedBytes).toBe(5000);
    expectOrderlyEnd(pair);
  });

  // RUDP-CLOSE-4
  test('both at once: both pass through closing into time-wait', () => {
    const pair = open({ seed: 4, clientFinishes: 'never', serverFinishes: 'never' });
    pair.runToEstablished().run({ untilMs: 500 });
    pair.clientConnection.finish();
    pair.serverConnection.finish();
    pair.run({ untilMs: 500 + DELAY_MS });
    expect([pair.clientConnection.state, pair.serverConnection.state]).toEqual(['closing', 'closing']);
    pair.run({ untilMs: 500 + 2 * DELAY_MS });
    expect([pair.clientConnection.state, pair.serverConnection.state]).toEqual(['time-wait', 'time-wait']);
    expectOrderlyEnd(pair);
  });

  test.each([
    { clientSends: 0, serverSends: 0 },
    { clientSends: 1, serverSends: 0 },
    { clientSends: 0, serverSends: 1 },
  ])('streams of $clientSends and $serverSends bytes end like others', (sizes) => {
    const pair = open({ seed: 5, ...sizes });
    pair.runToEnd({ limitMs: 500 });
    expect(pair.clientApplication).toMatchObject({
      isReceiveFinished: true,
      receivedBytes: sizes.serverSends,
    });
    expect(pair.serverApplication).toMatchObject({
      isReceiveFinished: true,
      receivedBytes: sizes.clientSends,
    });
    expectOrderlyEnd(pair);
  });

  test('each side learns of its own end once: finished, then closed, and nothing after it', () => {
    const pair = open({ seed: 6, clientSends: 3000, serverSends: 3000 });
    pair.runToEnd();
    pair.runToSilence();
    for (const events of [pair.client.events, pair.server.events]) {
      const types = events.map(({ type }) => type);
      expect(types.filter((type) => type === 'finished')).toHaveLength(1);
      expect(types.filter((type) => type === 'closed')).toHaveLength(1);
      expect(types.at(-1)).toBe('closed');
    }
  });

  test('bytes that wait to be read survive the end of the connection', () => {
    const pair = open({ seed: 7, serverSends: 5000, clientReads: false });
    pair.runToEnd();
    pair.runToSilence();
    expect([pair.clientConnection.readableBytes, pair.clientConnection.isReceiveFinished]).toEqual([
      5000,
      false,
    ]);
    pair.clientApplication?.startReading();
    expect(pair.clientApplication).toMatchObject({ receivedBytes: 5000, isReceiveFinished: true });
    expect(pair.client.endpoint.pollTransmit(pair.now, new Uint8Array(65_536))).toBeUndefined();
    expect(pair.client.endpoint.pollDeadline()).toBeUndefined();
  });
});

/** A run whose end is drawn out, so that the last datagrams are those of the close. */
function openToClose(seed: string, dropped: { toServer: readonly number[]; toClient: readonly number[] }) {
  return TransportPair.open({
    seed,
    toServer: { delayMs: DELAY_MS, drop: (index) => dropped.toServer.includes(index) },
    toClient: { delayMs: DELAY_MS, drop: (index) => dropped.toClient.includes(index) },
    clientSends: 2500,
    serverFinishes: 'after-reading',
  });
}

describe('the close survives the loss of', () => {
  const whole = openToClose('whole', { toServer: [], toClient: [] });
  whole.runToEnd();
  whole.runToSilence();
  const count = {
    toServer: whole.trace.select({ from: 'client' }).length,
    toClient: whole.trace.select({ from: 'server' }).length,
  };
  const last = (total: number) => Array.from({ length: Math.min(6, total) }, (_, index) => total - 1 - index);
  const places = [
    ...last(count.toServer).map((index) => ({ toServer: [index], toClient: [] })),
    ...last(count.toClient).map((index) => ({ toServer: [], toClient: [index] })),
  ];

  function expectPromptEnd(pair: TransportPair): void {
    pair.runToEnd({ limitMs: 3000 });
    expect(pair.serverApplication?.receivedBytes).toBe(2500);
    expectOrderlyEnd(pair);
  }

  // RUDP-CLOSE-1, RUDP-CLOSE-3, RUDP-CLOSE-4
  test.each(places)('datagrams $toServer to the server and $toClient to the client', (dropped) => {
    expectPromptEnd(openToClose('one', dropped));
  });

  // RUDP-CLOSE-1, RUDP-CLOSE-3, RUDP-CLOSE-4
  test('any two of its datagrams', () => {
    for (const [number, one] of places.entries()) {
      for (const other of places.slice(number + 1)) {
        expectPromptEnd(
          openToClose('two', {
            toServer: [...one.toServer, ...other.toServer],
            toClient: [...one.toClient, ...other.toClient],
          }),
        );
      }
    }
  });

  // RUDP-CLOSE-4
  test('the last acknowledgement three times over', () => {
    const lastToServer = count.toServer - 1;
    const pair = openToClose('last ack', {
      toServer: [lastToServer, lastToServer + 1, lastToServer + 2],
      toClient: [],
    });
    expectPromptEnd(pair);
  });
});

describe('who may forget', () => {
  // RUDP-CLOSE-3
  test('every FIN carries an ACK, the repeated ones too', () => {
    const log = new PacketLog();
    const pair = open({
      seed: 8,
      log,
      clientSends: 2500,
      serverFinishes: 'after-reading',
      link: { delayMs: DELAY_MS, loss: 0.4 },
    });
    pair.runToEnd({ limitMs: 60_000 });
    const withFin = log.packets.filter(({ frames }) => frames.some(({ type }) => type === 'fin'));
    expect(withFin.length).toBeGreaterThan(2);
    for (const { side, frames } of withFin) {
      // The very first packet of a client has nothing yet to acknowledge.
      const types = frames.map(({ type }) => type);
      if (side === 'server') expect(types).toContain('ack');
    }
  });

  // RUDP-CLOSE-3
  test('a FIN behind the last stream bytes in one packet carries an ACK, though all was acknowledged before', () => {
    const log = new PacketLog();
    // The server's first DATA packet is the acknowledgement of the client's FIN, alone: it is lost.
    const pair = open({
      seed: 10,
      log,
      serverSends: 1000,
      toClient: { delayMs: DELAY_MS, drop: (index) => index === 1 },
    });
    pair.runToEnd({ limitMs: 3000 });
    expectOrderlyEnd(pair);
    const together = log
      .from('server')
      .filter(({ frames }) => ['stream', 'fin'].every((name) => frames.some(({ type }) => type === name)));
    expect(together.length).toBeGreaterThan(0);
    for (const { frames } of together) expect(frames.map(({ type }) => type)).toContain('ack');
  });

  // RUDP-CLOSE-3
  test('the side that closes last is gone as soon as its FIN is acknowledged', () => {
    const pair = open({ seed: 9, clientSends: 2500, serverFinishes: 'after-reading' });
    pair.runUntil(() => pair.ends.server !== undefined);
    expect(pair.server.endpoint.connectionCount).toBe(0);
    expect(pair.clientConnection.state).toBe('time-wait');
  });

  // RUDP-CLOSE-4
  test('the side that closes first is gone after the idle timeout, however long its probe timeout became', () => {
    const config = { idleTimeoutMs: 5000 };
    const peer = ScriptedPeer.established({ config });
    peer.connection.finish();
    peer.settle();
    const finNumber = peer.packets.at(-1)?.packetNumber as number;
    // The machine was suspended: the acknowledgement seems to have taken an hour.
    peer.now += 3_600_000;
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, finNumber + 1]] }, { type: 'fin', finalSize: 0 });
    expect(peer.connection.end).toEqual({ kind: 'finished' });
    peer.advance(config.idleTimeoutMs - 1);
    expect(peer.connection.state).toBe('time-wait');
    peer.advance(1);
    expect([peer.endpoint.connectionCount, peer.endpoint.pollDeadline()]).toEqual([0, undefined]);
  });

  // RUDP-CLOSE-4
  test('the side that closes first acknowledges for 15 probe timeouts and at least 3 s, then is gone', () => {
    const peer = ScriptedPeer.established();
    peer.connection.finish();
    peer.settle();
    const finNumber = peer.packets.at(-1)?.packetNumber as number;
    peer.advance(20);
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, finNumber + 1]] }, { type: 'fin', finalSize: 0 });
    expect(peer.connection.state).toBe('time-wait');
    expect(peer.connection.end).toEqual({ kind: 'finished' });
    const { smoothedRttMs, rttVarianceMs } = peer.connection.statistics();
    const probeTimeoutMs = smoothedRttMs + Math.max(4 * rttVarianceMs, 1) + 25;
    peer.advance(Math.max(3000, 15 * probeTimeoutMs) - 1);
    expect(peer.connection.state).toBe('time-wait');
    peer.advance(1);
    expect([peer.endpoint.connectionCount, peer.endpoint.pollDeadline()]).toEqual([0, undefined]);
  });

  // RUDP-CLOSE-4
  test('a peer that has not heard the last acknowledgement is answered as long as it asks', () => {
    const peer = ScriptedPeer.established();
    peer.connection.finish();
    peer.settle();
    const finNumber = peer.packets.at(-1)?.packetNumber as number;
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, finNumber + 1]] }, { type: 'fin', finalSize: 0 });
    for (let asked = 0; asked < 10; asked += 1) {
      peer.advance(2500);
      const answers = peer.send({ type: 'fin', finalSize: 0 });
      expect(answers.flatMap(({ frames }) => frames.map(({ type }) => type))).toEqual(['ack']);
    }
    // What asks for nothing keeps nothing.
    peer.advance(2000);
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, 1]] });
    peer.advance(1500);
    expect([peer.endpoint.connectionCount, peer.endpoint.pollDeadline()]).toEqual([0, undefined]);
    expect(peer.events.filter(({ type }) => type === 'closed')).toHaveLength(1);
  });

  test('in time-wait a RESET, a violation or forged bytes change nothing any more', () => {
    const peer = ScriptedPeer.established();
    peer.connection.finish();
    peer.settle();
    const finNumber = peer.packets.at(-1)?.packetNumber as number;
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, finNumber + 1]] }, { type: 'fin', finalSize: 0 });
    peer.send({ type: 'reset', code: 300, reason: 'late' });
    peer.sendBytes(encodeFrame({ type: 'fin', finalSize: 9 }));
    peer.sendBytes(Uint8Array.of(0xff));
    expect(peer.connection.end).toEqual({ kind: 'finished' });
    expect(peer.events.filter(({ type }) => type === 'closed')).toHaveLength(1);
  });
});
