import { createRandom, type LinkOptions, Pair, type PairOptions } from '@parley/netsim';
import {
  type Connection,
  type ConnectionEnd,
  type CryptoProvider,
  Endpoint,
  type EndpointEvent,
  type ObserverFactory,
  type PathHint,
  type PreSharedKey,
  type RudpConfig,
  type ServerIdentity,
} from '../../src/core/index.ts';
import type { PacketLog } from './packet-log.ts';
import { cheapCrypto, seededCrypto } from './seeded-crypto.ts';
import { type ApplicationOptions, StreamApplication } from './stream-application.ts';

export interface TransportPairOptions {
  readonly seed: number | string;
  readonly link?: LinkOptions;
  readonly toServer?: LinkOptions;
  readonly toClient?: LinkOptions;
  readonly config?: Partial<RudpConfig>;
  readonly serverConfig?: Partial<RudpConfig>;
  /** Makes the listener demand this key. */
  readonly preSharedKey?: PreSharedKey;
  /** Key that the client names; that of the listener unless told. */
  readonly clientPreSharedKey?: PreSharedKey;
  /** The listener's long-term key. */
  readonly identity?: ServerIdentity;
  /** The only one that the client wants to see. */
  readonly awaitedIdentity?: Uint8Array;
  /** For transfers of many bytes: what protects the packets is the larger part of their time. `real` unless told. */
  readonly crypto?: 'real' | 'cheap';
  /** Sides that are without packet protection. */
  readonly insecure?: readonly Side[];
  /** Sees the frames of every DATA packet. */
  readonly log?: PacketLog;
  /** Makes the observer of each side's connection. */
  readonly observe?: ObserverFactory;
  /** What both sides know of the path; the listener only with a pre-shared key. */
  readonly pathHint?: PathHint;
  readonly clientSends?: number;
  readonly serverSends?: number;
  readonly clientFinishes?: ApplicationOptions['finishes'];
  readonly serverFinishes?: ApplicationOptions['finishes'];
  readonly clientReads?: boolean;
  readonly serverReads?: boolean;
  /** Called after the pair's own handling of each event. */
  readonly onEvent?: (side: Side, event: EndpointEvent, pair: TransportPair) => void;
}

/** A driver may use the memory of a datagram again as soon as it has been dealt with: nothing of it may be kept. */
class ForgettingEndpoint extends Endpoint {
  override handleDatagram(...[now, remote, bytes, ...rest]: Parameters<Endpoint['handleDatagram']>): void {
    super.handleDatagram(now, remote, bytes, ...rest);
    bytes.fill(0xa5);
  }
}

export type Side = 'client' | 'server';

/** The listener's side of single-use keys: each is known until a SYN has proved it. */
export function singleUseKeys(keys: readonly PreSharedKey[], pathHint?: PathHint) {
  const unused = new Set(keys);
  return (identity: Uint8Array) => {
    const known = [...unused].find((key) => Buffer.compare(identity, key.identity) === 0);
    if (known === undefined) return undefined;
    return { key: known.key, context: 'ticket', pathHint, consume: () => unused.delete(known) };
  };
}

/** Two endpoints on a simulated network, a client connection and the applications of both sides. */
export class TransportPair extends Pair<Endpoint> {
  readonly clientConnection: Connection;
  clientApplication: StreamApplication | undefined;
  serverApplication: StreamApplication | undefined;
  readonly ends: {
    client?: EndpointEvent & { type: 'closed' };
    server?: EndpointEvent & { type: 'closed' };
  } = {};
  readonly #options: TransportPairOptions;

  private constructor(
    options: TransportPairOptions,
    pairOptions: Omit<PairOptions<Endpoint, Endpoint>, 'clientOptions' | 'serverOptions'>,
  ) {
    // The hooks are called when the simulation runs, long after this constructor.
    super({
      ...pairOptions,
      clientOptions: { onEvent: (event) => this.#handleEvent('client', event) },
      serverOptions: { onEvent: (event) => this.#handleEvent('server', event) },
    });
    this.#options = options;
    this.clientConnection = this.client.endpoint.connect(this.now, this.server.address, {
      preSharedKey: options.clientPreSharedKey ?? options.preSharedKey,
      serverIdentity: options.awaitedIdentity,
      pathHint: options.pathHint,
    });
  }

  /** Opens a connection; once established the client sends `clientSends` bytes and the server `serverSends`. */
  static open(options: TransportPairOptions): TransportPair {
    const { log, observe, preSharedKey, identity, insecure = [], seed, link, toServer, toClient } = options;
    const random = createRandom(seed);
    const cryptoOf = (side: Side): CryptoProvider => {
      const ownRandom = random.fork(side);
      const crypto = options.crypto === 'cheap' ? cheapCrypto(ownRandom) : seededCrypto(ownRandom);
      return log === undefined ? crypto : log.observe(side, crypto);
    };
    const client = new ForgettingEndpoint({
      crypto: cryptoOf('client'),
      config: options.config ?? {},
      acceptsConnections: false,
      dangerouslyWithoutPacketProtection: insecure.includes('client'),
      observe,
    });
    const server = new ForgettingEndpoint({
      crypto: cryptoOf('server'),
      config: options.serverConfig ?? options.config ?? {},
      acceptsConnections: true,
      identity,
      dangerouslyWithoutPacketProtection: insecure.includes('server'),
      acceptPreSharedKey:
        preSharedKey === undefined ? undefined : singleUseKeys([preSharedKey], options.pathHint),
      observe,
    });
    return new TransportPair(options, {
      seed,
      client,
      server,
      ...(link === undefined ? {} : { link }),
      ...(toServer === undefined ? {} : { toServer }),
      ...(toClient === undefined ? {} : { toClient }),
    });
  }

  /** How both sides ended; undefined while they live. */
  get endKinds(): { client: ConnectionEnd['kind'] | undefined; server: ConnectionEnd['kind'] | undefined } {
    return { client: this.ends.client?.end.kind, server: this.ends.server?.end.kind };
  }

  /** The server's connection, once the handshake is complete. */
  get serverConnection(): Connection {
    const connection = this.serverApplication?.connection;
    if (connection === undefined) throw new Error('expected a connection that the server accepted');
    return connection;
  }

  /** Runs until both sides are established. */
  runToEstablished(): this {
    this.runUntil(() => this.clientApplication !== undefined && this.serverApplication !== undefined);
    return this;
  }

  /** Runs until both sides have ended, and throws with the seed when they do not. */
  runToEnd(limits: { limitMs?: number } = {}): void {
    this.runUntil(() => this.ends.client !== undefined && this.ends.server !== undefined, limits);
  }

  /** Runs until both endpoints have forgotten everything. */
  runToSilence(): void {
    this.run();
  }

  #handleEvent(side: Side, event: EndpointEvent): void {
    const options = this.#options;
    if (event.type === 'connection-established') {
      this.clientApplication = new StreamApplication(event.connection, {
        sends: options.clientSends ?? 0,
        finishes: options.clientFinishes ?? 'after-writing',
        reads: options.clientReads ?? true,
      });
      this.clientApplication.write();
    } else if (event.type === 'connection-accepted') {
      this.serverApplication = new StreamApplication(event.connection, {
        sends: options.serverSends ?? 0,
        finishes: options.serverFinishes ?? 'after-writing',
        reads: options.serverReads ?? true,
      });
      this.serverApplication.write();
    }
    const application = side === 'client' ? this.clientApplication : this.serverApplication;
    if (event.type === 'readable') application?.read();
    if (event.type === 'writable') application?.write();
    if (event.type === 'closed') this.ends[side] = event;
    options.onEvent?.(side, event, this);
  }
}
