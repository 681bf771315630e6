import { Pair, type Random } from '@parley/netsim';
import { AckFrame } from '../../src/core/frames/ack-frame.ts';
import { decodeFrames } from '../../src/core/frames/frames.ts';
import { decodeCookie } from '../../src/core/handshake/cookie.ts';
import { decodeSyn } from '../../src/core/handshake/handshake.ts';
import { decodeReject } from '../../src/core/handshake/reject.ts';
import { decodeParameters } from '../../src/core/handshake/transport-parameters.ts';
import { type Connection, Endpoint, type EndpointEvent } from '../../src/core/index.ts';
import { faultOf } from '../../src/core/states/connection-end.ts';
import { decodeStatelessReset } from '../../src/core/states/stateless-reset.ts';
import { ByteReader, MalformedPacketError } from '../../src/core/structures/byte-reader.ts';
import { concatenate } from './bytes.ts';
import { fixedCrypto } from './fixed-crypto.ts';
import { encodeFrame } from './frames.ts';
import { anyDatagram, anyFrame, mutated } from './fuzz-inputs.ts';
import { patternAt } from './pattern.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import { cheapCrypto } from './seeded-crypto.ts';
import { TransportPair } from './transport-pair.ts';

/** What one round came to. A round that finds a defect throws. */
interface FuzzOutcome {
  /** Datagrams, buffers or calls that were thrown at the code. */
  readonly inputs: number;
  /** How the connections of the round ended. */
  readonly ends: readonly string[];
}

/** Something to throw inputs at. One seed gives one round, always the same. */
export interface FuzzTarget {
  readonly name: string;
  readonly run: (random: Random) => FuzzOutcome;
  /** Rounds that `npm test` plays. */
  readonly roundsInTest: number;
  /** Ends of which some have to be among those rounds. */
  readonly endsExpected: readonly string[];
}

function require(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

const ignore = () => undefined;
const ignoringFrames = {
  ackFrame: new AckFrame(),
  handlePing: ignore,
  handleAck: ignore,
  handleReset: ignore,
  handleMaxData: ignore,
  handleFin: ignore,
  handleHandshakeAck: ignore,
  handleStream: ignore,
  handlePathChallenge: ignore,
  handlePathResponse: ignore,
  handleReceiveTime: ignore,
};
const crypto = fixedCrypto(1);
const decoders: readonly ((bytes: Uint8Array, other: Uint8Array) => unknown)[] = [
  (bytes) => decodeFrames(new ByteReader(bytes), ignoringFrames),
  (bytes) => decodeParameters(new ByteReader(bytes)),
  (bytes) => decodeSyn(bytes),
  (bytes, other) => decodeReject(crypto, other, bytes),
  (bytes, other) => decodeCookie(crypto, other, bytes),
  (bytes) => decodeStatelessReset(bytes),
];

/** Every decoder on any bytes: a value, or an error that names the peer's fault. */
function fuzzDecoders(random: Random): FuzzOutcome {
  const inputs = 300;
  for (let index = 0; index < inputs; index += 1) {
    const bytes = random.chance(0.5) ? anyDatagram(random) : random.bytes(random.integer(0, 80));
    // Small types and lengths, so that more than the first byte is decoded.
    for (let at = 0; at < bytes.length; at += 1)
      if (random.chance(0.4)) bytes[at] = (bytes[at] as number) & 15;
    try {
      random.pick(decoders)(bytes, new Uint8Array(1200));
    } catch (error) {
      if (!(error instanceof MalformedPacketError) && faultOf(error) === undefined) throw error;
    }
  }
  return { inputs, ends: [] };
}

/** A man in the middle of a live pair that flips, drops, repeats, splices and delays: neither an end nor a changed byte. */
function fuzzMiddle(random: Random): FuzzOutcome {
  const delayMs = 10;
  const streamBytes = random.integer(1, 150_000);
  let inputs = 0;
  const seen: Record<'client' | 'server', Uint8Array[]> = { client: [], server: [] };
  const pair = TransportPair.open({
    seed: random.integer(0, 1e9),
    link: { delayMs, rateBitsPerSecond: 20e6 },
    clientSends: streamBytes,
    serverSends: streamBytes,
  });
  const attack = (to: 'client' | 'server') => (_index: number, bytes: Uint8Array) => {
    seen[to].push(bytes.slice());
    for (let count = random.integer(0, 4); count > 0; count -= 1) {
      const forged = mutated(random, seen[to].slice(-50));
      inputs += 1;
      pair.schedule(pair.now + random.ratio() * 3 * delayMs, () => {
        const source = to === 'client' ? pair.server : pair.client;
        const segmentBytes = random.pick([forged.length, random.integer(1, 1500), 0]);
        pair[to].endpoint.handleDatagram(
          pair.now,
          source.address,
          forged,
          undefined,
          undefined,
          segmentBytes,
        );
      });
    }
    // Now and then the genuine one does not get through at all.
    return random.chance(0.05);
  };
  pair.toServer.configure({ drop: attack('server') });
  pair.toClient.configure({ drop: attack('client') });
  pair.runToEnd({ limitMs: 120_000 });
  require(pair.clientApplication?.receivedBytes === streamBytes, 'the client got other bytes than were sent');
  require(pair.serverApplication?.receivedBytes === streamBytes, 'the server got other bytes than were sent');
  const ends = [pair.endKinds.client as string, pair.endKinds.server as string];
  require(ends.every((kind) => kind === 'finished'), `expected both to finish, got ${ends.join(' and ')}`);
  return { inputs, ends };
}

/** A peer that holds the keys and sends nonsense, frames or bytes, while the application does what it likes. */
function fuzzHostilePeer(random: Random): FuzzOutcome {
  const peer = random.chance(0.5) ? ScriptedPeer.established() : ScriptedPeer.asServer();
  const { connection } = peer;
  const sendsFrames = random.chance(0.5);
  let inputs = 0;
  for (let packet = 0; packet < 30 && connection.end === undefined; packet += 1) {
    useConnection(random, connection);
    peer.settle();
    inputs += 1;
    const bytes = sendsFrames ? anyFrames(random, peer.packets.length) : anyFrameBytes(random);
    peer.sendBytes(bytes, peer.nextPacketNumber + random.pick([0, 0, 0, 1, 5]));
    peer.advance(random.pick([0, 1, 10, 200]));
  }
  const kind = connection.end?.kind ?? 'alive';
  connection.reset(peer.now, 0x100);
  peer.settle();
  peer.advance(200_000);
  require(peer.events.filter(({ type }) => type === 'closed').length === 1, 'expected one closed event');
  require(peer.endpoint.connectionCount === 0, 'a connection is left');
  require(peer.endpoint.pollDeadline() === undefined, 'a timer is left');
  return { inputs, ends: [kind] };
}

function anyFrames(random: Random, packetCount: number): Uint8Array {
  const count = random.integer(1, 5);
  return concatenate(...Array.from({ length: count }, () => encodeFrame(anyFrame(random, packetCount))));
}

function anyFrameBytes(random: Random): Uint8Array {
  const bytes = random.bytes(random.integer(1, 60));
  for (let index = 0; index < bytes.length; index += 1)
    if (random.chance(0.5)) bytes[index] = (bytes[index] as number) & 7;
  return bytes;
}

function useConnection(random: Random, connection: Connection): void {
  if (random.chance(0.3)) connection.write(random.bytes(random.integer(0, 20_000)));
  if (random.chance(0.02)) connection.finish();
  if (random.chance(0.3)) connection.read(new Uint8Array(random.integer(0, 5000)));
  if (random.chance(0.05)) connection.pauseReceiving();
  if (random.chance(0.05)) connection.resumeReceiving();
}

/** One side of a pair whose application calls whatever there is, in whatever order. */
class RandomCaller {
  connection: Connection | undefined;
  readonly events: EndpointEvent[] = [];
  calls = 0;
  #writtenBytes = 0;
  #readBytes = 0;
  #sinkBytes = 0;
  #hasSink = false;
  #isFinished = false;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  readonly onEvent = (event: EndpointEvent): void => {
    this.connection ??= event.connection;
    this.events.push(event);
  };

  /** Bytes that were written and must arrive in this order at the other side. */
  call(now: number): void {
    const { connection } = this;
    if (connection === undefined) return;
    this.calls += 1;
    const random = this.#random;
    switch (random.integer(0, 11)) {
      case 0:
      case 1:
      case 2:
        if (!this.#isFinished)
          this.#writtenBytes += connection.write(patternAt(this.#writtenBytes, random.integer(0, 30_000)));
        return;
      case 3:
      case 4:
      case 5:
        this.#read(connection, random.integer(0, 40_000));
        return;
      case 6:
        connection.pauseReceiving();
        return;
      case 7:
      case 8:
        connection.resumeReceiving();
        return;
      case 9:
        if (!random.chance(0.1)) return;
        connection.finish();
        this.#isFinished = true;
        return;
      case 10:
        this.#startSink(connection);
        return;
      default:
        if (random.chance(0.02)) connection.reset(now, 0x100 + random.integer(0, 9), 'as the dice say');
        else connection.statistics();
    }
  }

  /** Each connection is announced, ends once, and says nothing afterwards. */
  check(): void {
    const closed = this.events.filter(({ type }) => type === 'closed').length;
    require(this.connection === undefined || closed === 1, `expected one closed event, got ${closed}`);
    require(closed === 0 || this.events.at(-1)?.type === 'closed', 'an event came after closed');
  }

  #read(connection: Connection, count: number): void {
    if (this.#hasSink) return;
    const bytes = new Uint8Array(count);
    const read = connection.read(bytes);
    const expected = patternAt(this.#readBytes, read);
    require(Buffer.compare(bytes.subarray(0, read), expected) === 0, `other bytes at ${this.#readBytes}`);
    this.#readBytes += read;
  }

  #startSink(connection: Connection): void {
    if (this.#hasSink || this.#readBytes > 0) return;
    this.#hasSink = true;
    connection.receiveInto({
      write: (offset, bytes) => {
        require(Buffer.compare(bytes, patternAt(offset, bytes.length)) === 0, `other bytes at ${offset}`);
        this.#sinkBytes += bytes.length;
      },
    });
  }
}

/** Random calls in random order on both sides of a pair, over a path that loses, repeats and reorders. */
function fuzzCalls(random: Random): FuzzOutcome {
  const endpoint = (name: string) =>
    new Endpoint({
      crypto: cheapCrypto(random.fork(name)),
      config: { idleTimeoutMs: 5000, keepAliveMs: random.pick([0, 1000]) },
      acceptsConnections: name === 'server',
    });
  const callers = [new RandomCaller(random.fork('one')), new RandomCaller(random.fork('other'))] as const;
  const pair = new Pair({
    seed: random.integer(0, 1e9),
    link: { delayMs: 10, jitterMs: 5, loss: random.pick([0, 0.02, 0.2]), duplicateRatio: 0.05 },
    client: endpoint('client'),
    server: endpoint('server'),
    clientOptions: { onEvent: callers[0].onEvent },
    serverOptions: { onEvent: callers[1].onEvent },
  });
  callers[0].connection = pair.client.endpoint.connect(pair.now, pair.server.address);
  let atMs = 0;
  for (let step = 0; step < 150; step += 1) {
    atMs += random.pick([0, 0, 1, 10, 30, 300]);
    pair.schedule(atMs, () => random.pick(callers).call(pair.now));
  }
  pair.run({ untilMs: atMs });
  for (const { connection } of callers) connection?.reset(pair.now, 0x100);
  pair.run();
  for (const caller of callers) caller.check();
  for (const side of [pair.client, pair.server]) {
    require(side.endpoint.connectionCount === 0, 'a connection is left');
    require(side.endpoint.pollDeadline() === undefined, 'a timer is left');
  }
  return {
    inputs: callers.reduce((sum, { calls }) => sum + calls, 0),
    ends: callers.flatMap(({ connection }) => connection?.end?.kind ?? []),
  };
}

/** Any datagrams at a listener and at a client that waits, with time passing. */
function fuzzEndpoints(random: Random): FuzzOutcome {
  const remote = { host: '192.0.2.1', port: 1111 };
  const buffer = new Uint8Array(65_536);
  const listener = new Endpoint({ crypto: fixedCrypto(1), acceptsConnections: true });
  const client = new Endpoint({ crypto: fixedCrypto(2), acceptsConnections: false });
  const connection = client.connect(0, remote);
  const id = Buffer.from(connection.localId, 'hex');
  const inputs = 200;
  for (let index = 0; index < inputs; index += 1) {
    const bytes = anyDatagram(random);
    // With 0 the datagrams in it have to be found.
    const segmentBytes = random.pick([bytes.length, 0]);
    listener.handleDatagram(index, remote, bytes.slice(), undefined, undefined, segmentBytes);
    if (bytes.length >= 11 && random.chance(0.7)) bytes.set(id, random.pick([1, 3]));
    client.handleDatagram(index, remote, bytes, undefined, undefined, segmentBytes);
    while (listener.pollTransmit(index, buffer) !== undefined);
    while (client.pollTransmit(index, buffer) !== undefined);
  }
  require(listener.connectionCount === 0, 'any bytes have made a connection');
  require(connection.state === 'syn-sent', 'any bytes have ended a handshake');
  return { inputs, ends: [] };
}

/** Everything that `npm run fuzz` plays in turn. */
export const fuzzTargets: readonly FuzzTarget[] = [
  { name: 'decoders', run: fuzzDecoders, roundsInTest: 100, endsExpected: [] },
  { name: 'endpoints', run: fuzzEndpoints, roundsInTest: 20, endsExpected: [] },
  { name: 'middle', run: fuzzMiddle, roundsInTest: 4, endsExpected: ['finished'] },
  {
    name: 'hostile peer',
    run: fuzzHostilePeer,
    roundsInTest: 400,
    endsExpected: ['alive', 'protocol-violation', 'reset-by-peer'],
  },
  { name: 'calls', run: fuzzCalls, roundsInTest: 60, endsExpected: ['reset-locally', 'reset-by-peer'] },
];
