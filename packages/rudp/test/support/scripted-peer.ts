import { parseConfig } from '../../src/core/config.ts';
import { ClientHandshake } from '../../src/core/handshake/client-handshake.ts';
import { answerSyn, decodeSyn, type HandshakeResult, type Syn } from '../../src/core/handshake/handshake.ts';
import {
  type CryptoProvider,
  Endpoint,
  type EndpointEvent,
  type PreSharedKey,
  type RemoteAddress,
  type RudpConfig,
  type ServerIdentity,
  TAG_BYTES,
} from '../../src/core/index.ts';
import { derivePacketKey } from '../../src/core/keys/key-schedule.ts';
import { PacketProtection } from '../../src/core/keys/packet-protection.ts';
import { ArrivedPacket } from '../../src/core/packets/arrived-packet.ts';
import { CONNECTION_ID_BYTES, connectionIdAt, SHORT_ID_BYTES } from '../../src/core/packets/connection-id.ts';
import { COMMON_HEADER_BYTES, dataHeaderBytes, dataTypeOf } from '../../src/core/packets/packet.ts';
import { ByteWriter } from '../../src/core/structures/byte-writer.ts';
import { concatenate } from './bytes.ts';
import { headerBytesOf, isDataOfPhase, truncatedNumberOf } from './data-packet.ts';
import { fixedCrypto } from './fixed-crypto.ts';
import { decodeFrameList, encodeFrame, type Frame } from './frames.ts';
import { PLAIN_WINDOW } from './plain-window.ts';

/** A DATA packet that came out of the endpoint under test. */
export interface ReceivedPacket {
  readonly atMs: number;
  readonly remote: RemoteAddress;
  readonly packetNumber: number;
  readonly frames: readonly Frame[];
  readonly byteLength: number;
}

export interface ScriptedPeerOptions {
  /** Settings of the endpoint under test. */
  readonly config?: Partial<RudpConfig>;
  /** What the script claims in its transport parameters. */
  readonly scriptConfig?: Partial<RudpConfig>;
  readonly preSharedKey?: PreSharedKey;
  /** What a script that is the server shows of itself. */
  readonly scriptIdentity?: ServerIdentity;
  /** What the endpoint wants to see. */
  readonly awaitedIdentity?: Uint8Array;
}

export const SCRIPT_ADDRESS: RemoteAddress = { host: '192.0.2.7', port: 7777 };

/**
 * The other side of one endpoint, by hand: it holds the keys of the connection and sends whatever frames a test wants, under
 * whatever packet number, at whatever time. It never answers by itself. Built from the core's own codecs and keys.
 */
export class ScriptedPeer {
  readonly endpoint: Endpoint;
  readonly events: EndpointEvent[] = [];
  /** Every datagram of the endpoint, in order. */
  readonly datagrams: {
    readonly atMs: number;
    readonly remote: RemoteAddress;
    readonly bytes: Uint8Array;
  }[] = [];
  /** Every DATA packet of the endpoint, decrypted. */
  readonly packets: ReceivedPacket[] = [];
  now = 1000;
  /** The number that the script's next packet gets. */
  nextPacketNumber = 0;
  /** The SYN of a script that is the client. */
  syn: Uint8Array = new Uint8Array(0);
  #sealing: PacketProtection | undefined;
  #opening: PacketProtection | undefined;
  #remoteId: Uint8Array = new Uint8Array(CONNECTION_ID_BYTES);
  #isClient = false;
  readonly #buffer = new Uint8Array(65_536);

  private constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** The script is the client; the endpoint is a listener. It is half-open until the script sends its first packet. */
  static asClient(options: ScriptedPeerOptions = {}): ScriptedPeer {
    const { preSharedKey } = options;
    const endpoint = new Endpoint({
      crypto: fixedCrypto(0x10),
      config: { ...PLAIN_WINDOW, ...options.config },
      acceptsConnections: true,
      acceptPreSharedKey: preSharedKey === undefined ? undefined : () => ({ key: preSharedKey.key }),
    });
    const peer = new ScriptedPeer(endpoint);
    const crypto = fixedCrypto(0x80);
    const handshake = new ClientHandshake(
      crypto,
      parseConfig(options.scriptConfig),
      crypto.randomBytes(CONNECTION_ID_BYTES),
      { preSharedKey },
    );
    peer.syn = handshake.syn;
    peer.deliver(handshake.syn.slice());
    const synAck = peer.datagrams.at(-1)?.bytes;
    const result = synAck === undefined ? undefined : handshake.complete(synAck);
    if (result === undefined) throw new Error('expected a SYN-ACK that the script accepts');
    peer.#installKeys(crypto, result, result.remoteId, 'client');
    return peer;
  }

  /** The script is the server; the endpoint has called `connect`, and knows that it is established. */
  static asServer(options: ScriptedPeerOptions = {}): ScriptedPeer {
    const endpoint = new Endpoint({
      crypto: fixedCrypto(0x80),
      config: { ...PLAIN_WINDOW, ...options.config },
      acceptsConnections: false,
    });
    const peer = new ScriptedPeer(endpoint);
    const { preSharedKey, awaitedIdentity, scriptIdentity } = options;
    endpoint.connect(peer.now, SCRIPT_ADDRESS, { preSharedKey, serverIdentity: awaitedIdentity });
    peer.settle();
    const packet = peer.datagrams.at(-1)?.bytes as Uint8Array;
    const crypto = fixedCrypto(0x10);
    const clientId = packet.slice(COMMON_HEADER_BYTES + 4, COMMON_HEADER_BYTES + 4 + CONNECTION_ID_BYTES);
    const answer = answerSyn(crypto, parseConfig(options.scriptConfig), decodeSyn(packet) as Syn, {
      packet,
      clientId,
      localId: crypto.randomBytes(CONNECTION_ID_BYTES),
      preSharedKey: preSharedKey?.key,
      identity: scriptIdentity,
    });
    if (answer === undefined) throw new Error('expected a SYN that the script can answer');
    peer.#installKeys(crypto, answer, clientId, 'server');
    peer.deliver(answer.synAck.slice());
    return peer;
  }

  /** As a client, and one packet on: the endpoint's side is established too. */
  static established(options: ScriptedPeerOptions = {}): ScriptedPeer {
    const peer = ScriptedPeer.asClient(options);
    peer.send({ type: 'handshake-ack' });
    return peer;
  }

  /** The connection under test, as its events name it. */
  get connection() {
    const connection = this.events[0]?.connection;
    if (connection === undefined) throw new Error('expected an event that names the connection');
    return connection;
  }

  /** Frames of all DATA packets so far, in order. */
  get frames(): Frame[] {
    return this.packets.flatMap(({ frames }) => frames);
  }

  /** Sends one packet with these frames under the next number; returns the DATA packets that the endpoint answered at once. */
  send(...frames: readonly Frame[]): ReceivedPacket[] {
    return this.sendBytes(concatenate(...frames.map(encodeFrame)));
  }

  /** The same with bytes in place of frames, perhaps under another number. */
  sendBytes(frameBytes: Uint8Array, packetNumber = this.nextPacketNumber): ReceivedPacket[] {
    const packet = this.seal(frameBytes, packetNumber);
    this.nextPacketNumber = Math.max(this.nextPacketNumber, packetNumber + 1);
    const before = this.packets.length;
    this.deliver(packet);
    return this.packets.slice(before);
  }

  /** Sends one packet from another address; returns its size. */
  sendFrom(remote: RemoteAddress, ...frames: readonly Frame[]): number {
    const packet = this.seal(concatenate(...frames.map(encodeFrame)), this.nextPacketNumber);
    const { length } = packet;
    this.nextPacketNumber += 1;
    this.deliver(packet, remote);
    return length;
  }

  /** Acknowledges every packet so far, from the script's address unless told. */
  acknowledgeAll(remote: RemoteAddress = SCRIPT_ADDRESS): void {
    // Numbers that the endpoint left out must not be acknowledged.
    const ranges: [number, number][] = [];
    for (const { packetNumber } of this.packets) {
      const last = ranges[0];
      if (last?.[1] === packetNumber) last[1] = packetNumber + 1;
      else ranges.unshift([packetNumber, packetNumber + 1]);
    }
    this.sendFrom(remote, { type: 'ack', delayMs: 0, ranges });
  }

  /** A sealed packet that is not sent; to a server with the whole id, so that it is answered even when it is not known. */
  seal(frameBytes: Uint8Array, packetNumber: number, numberBytes = 4): Uint8Array {
    const type = dataTypeOf(numberBytes, this.#isClient);
    const frameStart = dataHeaderBytes(type);
    const packet = new Uint8Array(frameStart + frameBytes.length + TAG_BYTES);
    packet[0] = type;
    packet.set(this.#isClient ? this.#remoteId : this.#remoteId.subarray(0, SHORT_ID_BYTES), 1);
    new ByteWriter(packet, frameStart - numberBytes).uint(packetNumber, numberBytes);
    packet.set(frameBytes, frameStart);
    this.#sealing?.seal(packet, 0, frameStart + frameBytes.length, packetNumber);
    return packet;
  }

  /** Hands a datagram to the endpoint, as from the script's address unless told. */
  deliver(bytes: Uint8Array, remote: RemoteAddress = SCRIPT_ADDRESS): void {
    this.endpoint.handleDatagram(this.now, remote, bytes);
    this.settle();
  }

  /** Takes what the endpoint has to send and to report; call it after a command. */
  settle(): void {
    for (;;) {
      const train = this.endpoint.pollTransmit(this.now, this.#buffer);
      if (train === undefined) break;
      for (let start = 0; start < train.byteLength; start += train.segmentBytes) {
        const end = Math.min(start + train.segmentBytes, train.byteLength);
        this.#take(train.remote, this.#buffer.slice(start, end));
      }
    }
    for (let event = this.endpoint.pollEvent(); event !== undefined; event = this.endpoint.pollEvent())
      this.events.push(event);
  }

  /** Lets time pass, deadline by deadline. */
  advance(milliseconds: number): void {
    const untilMs = this.now + milliseconds;
    for (let steps = 0; steps < 100_000; steps += 1) {
      const deadline = this.endpoint.pollDeadline();
      if (deadline === undefined || deadline > untilMs) {
        this.now = untilMs;
        return;
      }
      this.now = Math.max(this.now, deadline);
      this.endpoint.handleDeadline(this.now);
      this.settle();
    }
    throw new Error(`the endpoint stands still at ${this.now} ms`);
  }

  #take(remote: RemoteAddress, bytes: Uint8Array): void {
    this.datagrams.push({ atMs: this.now, remote, bytes: bytes.slice() });
    if (!isDataOfPhase(bytes, 0) || this.#opening === undefined) return;
    const packetNumber = truncatedNumberOf(bytes);
    const byteLength = bytes.length;
    if (!this.#opening.open(new ArrivedPacket(bytes), packetNumber)) {
      throw new Error(`expected a packet for ${connectionIdAt(this.#remoteId, 0)} that opens`);
    }
    const frames = decodeFrameList(bytes.subarray(headerBytesOf(bytes), bytes.length - TAG_BYTES));
    this.packets.push({ atMs: this.now, remote, packetNumber, frames, byteLength });
  }

  #installKeys(
    crypto: CryptoProvider,
    { secrets, cipherSuite }: HandshakeResult,
    remoteId: Uint8Array,
    side: 'client' | 'server',
  ): void {
    const protection = (secret: Uint8Array) =>
      new PacketProtection(derivePacketKey(crypto, cipherSuite, secret));
    this.#remoteId = remoteId;
    this.#isClient = side === 'client';
    this.#sealing = protection(secrets[side]);
    this.#opening = protection(secrets[side === 'client' ? 'server' : 'client']);
  }
}
