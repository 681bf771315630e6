import { createRandom, type LinkOptions, Pair, type Random } from '@parley/netsim';
import type { Connection } from '../../src/core/connection.ts';
import { type CryptoProvider, Endpoint, type EndpointEvent, type RudpConfig } from '../../src/core/index.ts';
import { nodeCryptoProvider } from '../../src/node/crypto-provider.ts';

/** Real cryptography whose random bytes come from a seed; only the X25519 keys differ from run to run. */
export function seededCrypto(random: Random): CryptoProvider {
  return { ...nodeCryptoProvider, randomBytes: (count) => random.bytes(count) };
}

export interface TransportPairOptions {
  readonly seed: number | string;
  readonly link?: LinkOptions;
  readonly toServer?: LinkOptions;
  readonly toClient?: LinkOptions;
  readonly config?: Partial<RudpConfig>;
  readonly serverConfig?: Partial<RudpConfig>;
  /** Makes the listener demand this key. */
  readonly preSharedKey?: { readonly identity: Uint8Array; readonly key: Uint8Array };
  /** Key that the client names; that of the listener unless told. */
  readonly clientPreSharedKey?: { readonly identity: Uint8Array; readonly key: Uint8Array };
}

/** Stream bytes that any offset's position can be checked against without keeping the whole. */
export function patternAt(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    const at = offset + index;
    bytes[index] = (at * 31 + (at >>> 8) * 17 + (at >>> 16) * 7) & 0xff;
  }
  return bytes;
}

/** One application on top of a connection: writes a stream, reads and checks the other's, then finishes. */
export class StreamApplication {
  readonly connection: Connection;
  readonly #bytesToSend: number;
  #writtenBytes = 0;
  #isFinished = false;
  readonly #finishes: 'after-writing' | 'after-reading' | 'never';
  readonly #buffer = new Uint8Array(65_536);
  receivedBytes = 0;
  isReceiveFinished = false;

  constructor(
    connection: Connection,
    options: { sends: number; finishes: 'after-writing' | 'after-reading' | 'never' },
  ) {
    this.connection = connection;
    this.#bytesToSend = options.sends;
    this.#finishes = options.finishes;
  }

  /** Writes as much as there is room for; call it at the start and on `writable`. */
  write(): void {
    while (this.#writtenBytes < this.#bytesToSend) {
      const wanted = Math.min(65_536, this.#bytesToSend - this.#writtenBytes);
      const taken = this.connection.write(patternAt(this.#writtenBytes, wanted));
      this.#writtenBytes += taken;
      if (taken < wanted) return;
    }
    if (this.#finishes === 'after-writing') this.#finish();
  }

  /** Reads everything that is there and compares it with the pattern; call it on `readable`. */
  read(): void {
    for (;;) {
      const count = this.connection.read(this.#buffer);
      if (count === 0) break;
      const expected = patternAt(this.receivedBytes, count);
      if (Buffer.compare(expected, this.#buffer.subarray(0, count)) !== 0) {
        throw new Error(
          `stream bytes differ between ${this.receivedBytes} and ${this.receivedBytes + count}`,
        );
      }
      this.receivedBytes += count;
    }
    if (!this.connection.isReceiveFinished) return;
    this.isReceiveFinished = true;
    if (this.#finishes === 'after-reading') this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.connection.finish();
  }
}

/** Two endpoints on a simulated network, a client connection and the applications of both sides. */
export class TransportPair extends Pair<Endpoint> {
  clientConnection: Connection;
  serverApplication: StreamApplication | undefined;
  clientApplication: StreamApplication | undefined;
  readonly ends: {
    client?: EndpointEvent & { type: 'closed' };
    server?: EndpointEvent & { type: 'closed' };
  } = {};

  /** Opens a connection; once established the client sends `clientSends` bytes and the server `serverSends`. */
  static open(
    options: TransportPairOptions & {
      clientSends?: number;
      serverSends?: number;
      clientFinishes?: 'after-writing' | 'after-reading' | 'never';
      serverFinishes?: 'after-writing' | 'after-reading' | 'never';
    },
  ): TransportPair {
    const random = createRandom(options.seed);
    let isUsed = false;
    const { preSharedKey } = options;
    const acceptPreSharedKey =
      preSharedKey === undefined
        ? undefined
        : (identity: Uint8Array) => {
            if (isUsed || Buffer.compare(identity, preSharedKey.identity) !== 0) return undefined;
            return {
              key: preSharedKey.key,
              context: 'ticket',
              consume: () => {
                isUsed = true;
              },
            };
          };
    const client = new Endpoint({
      crypto: seededCrypto(random.fork('client')),
      config: options.config ?? {},
      acceptsConnections: false,
    });
    const server = new Endpoint({
      crypto: seededCrypto(random.fork('server')),
      config: options.serverConfig ?? options.config ?? {},
      acceptsConnections: true,
      acceptPreSharedKey,
    });
    let pair: TransportPair | undefined;
    pair = new TransportPair({
      seed: options.seed,
      client,
      server,
      ...(options.link === undefined ? {} : { link: options.link }),
      ...(options.toServer === undefined ? {} : { toServer: options.toServer }),
      ...(options.toClient === undefined ? {} : { toClient: options.toClient }),
      clientOptions: { onEvent: (event: EndpointEvent) => pair?.handleEvent('client', event, options) },
      serverOptions: { onEvent: (event: EndpointEvent) => pair?.handleEvent('server', event, options) },
    });
    pair.clientConnection = client.connect(pair.now, pair.server.address, {
      preSharedKey: options.clientPreSharedKey ?? preSharedKey,
    });
    return pair;
  }

  private handleEvent(
    side: 'client' | 'server',
    event: EndpointEvent,
    options: {
      clientSends?: number;
      serverSends?: number;
      clientFinishes?: 'after-writing' | 'after-reading' | 'never';
      serverFinishes?: 'after-writing' | 'after-reading' | 'never';
    },
  ): void {
    if (event.type === 'connection-established') {
      this.clientApplication = new StreamApplication(event.connection, {
        sends: options.clientSends ?? 0,
        finishes: options.clientFinishes ?? 'after-writing',
      });
      this.clientApplication.write();
    } else if (event.type === 'connection-accepted') {
      this.serverApplication = new StreamApplication(event.connection, {
        sends: options.serverSends ?? 0,
        finishes: options.serverFinishes ?? 'after-writing',
      });
      this.serverApplication.write();
    }
    const application = side === 'client' ? this.clientApplication : this.serverApplication;
    if (event.type === 'readable') application?.read();
    if (event.type === 'writable') application?.write();
    if (event.type === 'closed') this.ends[side] = event;
  }

  /** Runs until both sides have ended, and throws with the seed when they do not. */
  runToEnd(limits: { limitMs?: number } = {}): void {
    this.runUntil(() => this.ends.client !== undefined && this.ends.server !== undefined, limits);
  }
}
