import { parseConfig, type RudpConfig } from './config.ts';
import { Connection } from './connection.ts';
import type { EndpointEvent } from './events.ts';
import type { PreSharedKey } from './handshake/handshake.ts';
import { type PathHint, parsePathHint } from './handshake/path-hint.ts';
import { checkServerIdentity, type ServerIdentity } from './handshake/server-identity.ts';
import { type AcceptedPreSharedKey, SynAcceptor } from './handshake/syn-acceptor.ts';
import type { CryptoProvider } from './keys/crypto.ts';
import { withoutPacketProtection } from './keys/insecure.ts';
import { type ConnectionObserver, handshakePacket, type ObserverFactory } from './observer.ts';
import type { ArrivedPacket } from './packets/arrived-packet.ts';
import {
  CONNECTION_ID_BYTES,
  type ConnectionId,
  connectionIdAt,
  shortIdAt,
  shortIdOf,
} from './packets/connection-id.ts';
import type { Reception, RemoteAddress, Transmit } from './packets/datagrams.ts';
import { JoinedDatagrams } from './packets/joined-datagrams.ts';
import {
  CONNECTION_ID_OFFSET,
  DATA_BYTES_MIN,
  DATA_ID_OFFSET,
  DataBit,
  INSECURE_VERSION,
  PacketType,
  PROTOCOL_VERSION,
  packetLengthAt,
} from './packets/packet.ts';
import { EcnMark } from './recovery/ecn.ts';
import { ResetCode } from './states/connection-end.ts';
import { decodeStatelessReset, StatelessResetter } from './states/stateless-reset.ts';
import type { AllocateBytes } from './structures/block-buffer.ts';
import { DeadlineQueue } from './structures/deadline-queue.ts';
import { InvariantError } from './structures/invariant.ts';

/** What a socket can do. */
export interface SocketAbilities {
  /** Largest UDP payload. */
  readonly datagramBytesMax: number;
  /** It sets ECN marks, and reads them. */
  readonly isEcnCapable: boolean;
}

/** What an endpoint is made from. */
export interface EndpointOptions {
  readonly crypto: CryptoProvider;
  readonly config?: Partial<RudpConfig>;
  /** True for a listener; otherwise SYNs are ignored. */
  readonly acceptsConnections: boolean;
  /** When given, only a SYN that names a key found here is accepted. */
  readonly acceptPreSharedKey?: ((identity: Uint8Array) => AcceptedPreSharedKey | undefined) | undefined;
  /**
   * 32 bytes from which the tokens of stateless resets follow; random unless given. A listener that keeps it over a restart
   * can tell its clients that their connections are gone. No two endpoints that run at the same time may share it.
   */
  readonly resetSecret?: Uint8Array | undefined;
  /** The long-term key of a listener, proved to each client; without one it has no identity. */
  readonly identity?: ServerIdentity | undefined;
  /**
   * For measurements only: packets are neither encrypted nor authenticated, so that anybody can read, change and end every
   * connection. Both ends have to be opened so; an endpoint without this refuses one with it, and the other way round.
   */
  readonly dangerouslyWithoutPacketProtection?: boolean | undefined;
  /** Memory for what arrives, whose content does not matter: faster than zeros, which it is otherwise. */
  readonly allocate?: AllocateBytes | undefined;
  /** Makes an observer for each connection. */
  readonly observe?: ObserverFactory | undefined;
}

/** A million connections share their beginnings with one new id in four thousand: so many in a row come from no random source. */
const ID_DRAWS_MAX = 16;

/** Answers without a connection that wait to be sent; more are dropped: they are best effort. */
const STATELESS_REPLIES_MAX = 64;

/**
 * All connections of one socket. Pure: time, datagrams and randomness come in as arguments; datagrams, events and the next
 * deadline come out. Mutate it, then drain `pollTransmit` and `pollEvent`, then arm one timer for `pollDeadline`.
 */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #crypto: CryptoProvider;
  readonly #versions: readonly [number, ...number[]];
  #config: RudpConfig;
  /** By the beginnings of our ids. */
  readonly #connections = new Map<number, Connection>();
  readonly #joined = new JoinedDatagrams();
  readonly #deadlines = new DeadlineQueue<Connection>();
  /** Connections that may have something to send, in turn. */
  readonly #ready = new Set<Connection>();
  /** The connection that the datagram in progress has touched already. */
  #touched: Connection | undefined;
  readonly #acceptor: SynAcceptor;
  readonly #resetter: StatelessResetter;
  /** Client connections by the server's id: a stateless reset names no other. */
  readonly #byRemoteId = new Map<ConnectionId, Connection>();
  readonly #replies: { remote: RemoteAddress; bytes: Uint8Array }[] = [];
  readonly #events: EndpointEvent[] = [];

  constructor(options: EndpointOptions) {
    const isInsecure = options.dangerouslyWithoutPacketProtection === true;
    // RUDP-INSECURE-1, RUDP-INSECURE-2
    this.#crypto = isInsecure ? withoutPacketProtection(options.crypto) : options.crypto;
    this.#versions = [isInsecure ? INSECURE_VERSION : PROTOCOL_VERSION];
    this.#options = options;
    this.#config = parseConfig(options.config);
    checkServerIdentity(options.identity?.publicKey);
    this.#resetter = new StatelessResetter(options.crypto, options.resetSecret);
    this.#acceptor = new SynAcceptor({
      crypto: this.#crypto,
      config: () => this.#config,
      versions: this.#versions,
      identity: options.identity,
      acceptPreSharedKey: options.acceptPreSharedKey,
      newConnectionId: () => this.#newConnectionId(),
      resetTokenFor: (localId) => this.#resetter.tokenFor(localId),
      reply: (remote, bytes) => this.#reply(remote, bytes),
    });
  }

  /**
   * What the socket can do, told before the first connection: the largest UDP payload that it carries, and whether it sets ECN
   * marks and reads them. The configuration goes before.
   */
  useSocket({ datagramBytesMax, isEcnCapable }: SocketAbilities): void {
    this.#config = { ...this.#config, datagramBytesMax, isEcnEnabled: isEcnCapable, ...this.#options.config };
  }

  /** Connections with any state, those in time-wait included. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Opens a connection to `remote`. `serverIdentity`, 32 bytes, is the only long-term key of the server that will do; throws
   * `InvalidConfigError` for another length, and for a hint that makes no sense.
   */
  connect(
    now: number,
    remote: RemoteAddress,
    options: {
      preSharedKey?: PreSharedKey | undefined;
      serverIdentity?: Uint8Array | undefined;
      pathHint?: PathHint | undefined;
    } = {},
  ): Connection {
    const { preSharedKey } = options;
    const serverIdentity = checkServerIdentity(options.serverIdentity);
    const localId = this.#newConnectionId();
    const observed = { side: 'client', clientId: localId.text, localId: localId.text, remote } as const;
    const observer = this.#options.observe?.(now, observed);
    const connection = new Connection(now, this.#connectionOptions(remote, localId, observer), {
      preSharedKey,
      serverIdentity,
      pathHint: options.pathHint && parsePathHint(options.pathHint),
    });
    this.#register(connection);
    return connection;
  }

  /**
   * Takes one datagram, or several that receive offload has joined, of one sender and with one mark; its memory may be decrypted
   * in place. `receivedAtMs` is when the system has received it, on the clock of `now`, if that is known. `segmentBytes` is the
   * size of the datagrams that were joined; 0 when there may be several and nobody knows.
   */
  handleDatagram(
    now: number,
    remote: RemoteAddress,
    bytes: Uint8Array,
    mark: EcnMark = EcnMark.none,
    receivedAtMs = Number.POSITIVE_INFINITY,
    segmentBytes = bytes.length,
  ): void {
    this.#touched = undefined;
    const reception = { remote, mark, receivedAtMs };
    this.#joined.handle(bytes, segmentBytes, {
      handlePacket: (packet) => this.#handlePacket(now, reception, packet),
      isKnown: (buffer, start) => this.#connectionAt(buffer, start) !== undefined,
    });
  }

  /** Wakes every connection whose deadline has come. */
  handleDeadline(now: number): void {
    for (;;) {
      const connection = this.#deadlines.takeDue(now);
      if (connection === undefined) return;
      connection.handleDeadline(now);
      this.#touch(connection);
    }
  }

  /** Earliest time at which `handleDeadline` has something to do. */
  pollDeadline(): number | undefined {
    return this.#deadlines.earliest;
  }

  /** Fills `buffer` (65,536 bytes are enough for any train) with the next train; undefined when nothing may leave now. */
  pollTransmit(now: number, buffer: Uint8Array): Transmit | undefined {
    const reply = this.#replies.shift();
    if (reply !== undefined) {
      buffer.set(reply.bytes);
      const byteLength = reply.bytes.length;
      return { remote: reply.remote, byteLength, segmentBytes: byteLength, segmentCount: 1 };
    }
    for (const connection of this.#ready) {
      const train = connection.pollTransmit(now, buffer);
      this.#ready.delete(connection);
      if (train !== undefined) this.#ready.add(connection);
      this.#settle(connection);
      if (train !== undefined) return train;
    }
    return undefined;
  }

  pollEvent(): EndpointEvent | undefined {
    return this.#events.shift();
  }

  /** Resets every connection; drain `pollTransmit` once more before the socket goes. */
  close(now: number): void {
    for (const connection of this.#connections.values()) {
      connection.reset(now, ResetCode.endpointClosed, 'endpoint closed');
    }
  }

  /** True when the packet was authentic. */
  #handlePacket(now: number, reception: Reception, packet: ArrivedPacket): boolean {
    const { remote } = reception;
    if (packet.isData) return this.#handleData(now, reception, packet);
    // RUDP-PKT-1
    if (packetLengthAt(packet.bytes, packet.start) !== packet.byteLength) return false;
    if (packet.type === PacketType.syn) {
      if (this.#options.acceptsConnections) this.#handleSyn(now, remote, packet.view());
      return false;
    }
    if (packet.type === PacketType.statelessReset) {
      this.#handleStatelessReset(now, remote, packet.view());
      return false;
    }
    const connection = this.#connectionWith(packet.bytes, packet.start + CONNECTION_ID_OFFSET);
    return connection !== undefined && this.#passOn(now, reception, packet, connection);
  }

  #handleData(now: number, reception: Reception, packet: ArrivedPacket): boolean {
    if (packet.byteLength < DATA_BYTES_MIN) return false;
    const connection = this.#connectionAt(packet.bytes, packet.start);
    if (connection === undefined) {
      const reset = this.#options.acceptsConnections ? this.#resetter.answer(now, packet.view()) : undefined;
      if (reset !== undefined) this.#reply(reception.remote, reset);
      return false;
    }
    return this.#passOn(now, reception, packet, connection);
  }

  #passOn(now: number, reception: Reception, packet: ArrivedPacket, connection: Connection): boolean {
    const isAuthentic = connection.handlePacket(now, reception, packet);
    if (connection !== this.#touched) this.#touch(connection);
    this.#touched = connection;
    return isAuthentic;
  }

  /** The connection of the DATA packet at `start`. */
  // RUDP-ID-2
  #connectionAt(bytes: Uint8Array, start: number): Connection | undefined {
    const hasWholeId = ((bytes[start] as number) & DataBit.wholeId) !== 0;
    if (hasWholeId) return this.#connectionWith(bytes, start + DATA_ID_OFFSET);
    return this.#connections.get(shortIdAt(bytes, start + DATA_ID_OFFSET));
  }

  /** The connection whose whole id is at `offset`. */
  #connectionWith(bytes: Uint8Array, offset: number): Connection | undefined {
    const connection = this.#connections.get(shortIdAt(bytes, offset));
    return connection?.localId === connectionIdAt(bytes, offset) ? connection : undefined;
  }

  // RUDP-STATELESS-5
  #handleStatelessReset(now: number, remote: RemoteAddress, packet: Uint8Array): void {
    const reset = decodeStatelessReset(packet);
    const connection = reset && this.#byRemoteId.get(reset.remoteId);
    if (reset === undefined || connection === undefined) return;
    connection.handleStatelessReset(now, remote, reset.token);
    this.#touch(connection);
  }

  #handleSyn(now: number, remote: RemoteAddress, packet: Uint8Array): void {
    const result = this.#acceptor.handleSyn(now, remote, packet);
    if (result === undefined) return;
    if (result instanceof Connection) {
      result.handleRepeatedSyn(now, remote, packet);
      this.#touch(result);
      return;
    }
    const { clientId, localId, accepted, register } = result;
    const observer = this.#options.observe?.(now, {
      side: 'server',
      clientId,
      localId: localId.text,
      remote,
    });
    observer?.onPacketReceived(now, handshakePacket(packet));
    const connection = new Connection(now, this.#connectionOptions(remote, localId, observer), { accepted });
    register(connection);
    this.#register(connection);
  }

  #reply(remote: RemoteAddress, bytes: Uint8Array): void {
    if (this.#replies.length < STATELESS_REPLIES_MAX) this.#replies.push({ remote, bytes });
  }

  #connectionOptions(
    remote: RemoteAddress,
    localId: { text: ConnectionId; bytes: Uint8Array },
    observer: ConnectionObserver | undefined,
  ) {
    return {
      observer,
      allocate: this.#options.allocate,
      crypto: this.#crypto,
      config: this.#config,
      versions: this.#versions,
      remote,
      localId,
      emit: (event: EndpointEvent) => this.#emit(event),
      wake: (connection: Connection) => this.#touch(connection),
    };
  }

  #emit(event: EndpointEvent): void {
    const { connection } = event;
    if (event.type === 'connection-accepted') this.#acceptor.handleEstablished(connection);
    if (event.type === 'connection-established' && connection.remoteId !== undefined)
      this.#byRemoteId.set(connection.remoteId, connection);
    this.#events.push(event);
  }

  #register(connection: Connection): void {
    this.#connections.set(shortIdOf(connection.localId), connection);
    this.#touch(connection);
  }

  /** Something happened to the connection: it may want to send. Its deadline is known again when it has been drained. */
  #touch(connection: Connection): void {
    this.#ready.add(connection);
    this.#deadlines.set(connection, undefined);
  }

  #settle(connection: Connection): void {
    this.#deadlines.set(connection, connection.pollDeadline());
    if (connection.state !== 'closed') return;
    this.#ready.delete(connection);
    this.#connections.delete(shortIdOf(connection.localId));
    this.#acceptor.forget(connection);
    if (connection.remoteId !== undefined && this.#byRemoteId.get(connection.remoteId) === connection)
      this.#byRemoteId.delete(connection.remoteId);
  }

  // RUDP-ID-1
  #newConnectionId(): { text: ConnectionId; bytes: Uint8Array } {
    for (let draws = 0; draws < ID_DRAWS_MAX; draws += 1) {
      const bytes = this.#crypto.randomBytes(CONNECTION_ID_BYTES);
      if (!this.#connections.has(shortIdAt(bytes, 0))) return { text: connectionIdAt(bytes, 0), bytes };
    }
    throw new InvariantError(`expected random bytes, got the same ${ID_DRAWS_MAX} times`);
  }
}
