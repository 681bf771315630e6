import { addAbortSignal, Duplex } from 'node:stream';
import type {
  Connection,
  ConnectionEnd,
  ConnectionStatistics,
  PathHint,
  PositionalSink,
  RemoteAddress,
  StreamSource,
} from '../core/index.ts';
import type { ConnectionHandler, EndpointDriver } from './endpoint-driver.ts';
import { errorFromEnd, RudpError } from './errors.ts';
import type { StreamConnection } from './stream-connection.ts';
import type { UdpSocketStatistics } from './udp-socket.ts';

/** A core connection and the driver that moves it. */
export interface ConnectionLink {
  readonly connection: Connection;
  readonly driver: EndpointDriver;
}

/** Options that concern the stream, not the protocol. */
export interface RudpStreamOptions {
  /** False ends our direction as soon as the peer has ended its own, as in `node:net`. Default: true. */
  readonly allowHalfOpen?: boolean;
  /** Aborting destroys the connection with an `AbortError`; the peer gets RESET. */
  readonly signal?: AbortSignal;
}

/** Events of a connection beside those of every `Duplex`. */
export interface RudpConnectionEvents {
  /** The handshake is complete: the peer is there and holds the same secrets. */
  established: [];
}

/** Sent when a connection is destroyed and nobody said why. */
const DESTROYED_RESET_CODE = 0x100;

/**
 * One reliable connection as a `Duplex` stream: `write` and `end` send bytes and FIN, reading takes the peer's bytes in order,
 * `destroy` sends RESET. `finish` means that the peer has acknowledged every byte and the FIN. Errors are `RudpError`s.
 *
 * Made by `connect` and by a listener, not by its constructor.
 */
export class RudpConnection extends Duplex implements StreamConnection {
  /** What `acceptPreSharedKey` returned for this connection; undefined on the client. */
  readonly context: unknown;
  #link: ConnectionLink | undefined;
  readonly #open: (() => Promise<ConnectionLink>) | undefined;
  #endReason: ConnectionEnd | undefined;
  #sink: PositionalSink | undefined;
  #guardedSource: StreamSource | undefined;
  #isReadWanted = false;
  #isReceivingPaused = false;
  /** Asked for in so many words. */
  #reset: { readonly code: number; readonly reason: string } | undefined;
  #pendingWrite: { chunk: Uint8Array; offset: number; callback: () => void } | undefined;
  #isFinishing = false;
  #finalCallback: (() => void) | undefined;
  #destroyCallback: (() => void) | undefined;

  constructor(source: ConnectionLink | (() => Promise<ConnectionLink>), options: RudpStreamOptions = {}) {
    super({ allowHalfOpen: options.allowHalfOpen ?? true });
    if (typeof source === 'function') {
      this.#open = source;
    } else {
      this.context = source.connection.context;
      this.#attach(source);
    }
    // Not through the options of Duplex: a signal that is aborted already would destroy the object before its fields exist.
    if (options.signal) addAbortSignal(options.signal, this);
  }

  /** How the connection ended; undefined while it lives. Set before `close` is emitted. */
  get endReason(): ConnectionEnd | undefined {
    return this.#endReason;
  }

  /** Address of the peer; undefined until the host name is resolved. */
  get remote(): RemoteAddress | undefined {
    return this.#link?.connection.remote;
  }

  /**
   * The long-term key that the listener has proved, once `established`; undefined when it has none, and on its own side. A client
   * that does not know it beforehand can remember it (trust on first use) and ask for it the next time.
   */
  get serverIdentity(): Uint8Array | undefined {
    return this.#link?.connection.serverIdentity;
  }

  /** Bytes of the peer's stream that have arrived without a gap. */
  get receivedBytesContiguous(): number {
    return this.#link?.connection.receivedBytesContiguous ?? 0;
  }

  /** Bytes of our stream that the peer has acknowledged without a gap. */
  get acknowledgedBytes(): number {
    return this.#link?.connection.acknowledgedBytes ?? 0;
  }

  /** Figures of the connection; undefined until its socket is open. */
  statistics(): ConnectionStatistics | undefined {
    return this.#link?.connection.statistics();
  }

  /** Figures of the socket under the connection, which a listener's connections share; undefined until it is open. */
  socketStatistics(): UdpSocketStatistics | undefined {
    return this.#link?.driver.socketStatistics();
  }

  /**
   * What this connection has measured of its path, for the `pathHint` of the next one that sends over it; undefined before
   * anything was delivered, and without an open socket.
   */
  pathHint(): PathHint | undefined {
    return this.#link?.connection.pathHint();
  }

  /** Ends both directions at once, whatever waits to be delivered; the peer's stream fails with `reset` and this code (0x100 or above). */
  reset(code: number, reason = ''): void {
    this.#reset = { code, reason };
    this.destroy();
  }

  /**
   * Instead of reading the stream: hands each segment to `sink` as it arrives, out of order. `end` still tells that all
   * arrived. A sink that throws destroys the connection with `sink-failed`. To be called before anything is read.
   */
  receiveInto(sink: PositionalSink): void {
    this.#sink = sink;
    if (this.#link) this.#startSink(this.#link.connection, sink);
    // Nothing will be pushed but the end, and only a flowing stream notices that.
    this.resume();
  }

  /**
   * Instead of writing: takes the bytes from `source` right before they leave, into the memory that packets are made from, and ends the
   * stream behind the last one. A source that throws destroys the connection with `source-failed`. To be called before anything is written.
   */
  sendFrom(source: StreamSource): void {
    this.#guardedSource = { read: (target) => this.#readSource(source, target) };
    this.sendOn();
  }

  /** The source of `sendFrom`, which had no bytes when it was asked last, has some now. */
  sendOn(): void {
    const source = this.#guardedSource;
    if (source) this.#command(({ connection }) => connection.sendFrom(source));
  }

  /** Stops granting credit: the peer may send what was granted and then waits. The connection stays alive. */
  pauseReceiving(): void {
    this.#isReceivingPaused = true;
    this.#command(({ connection }) => connection.pauseReceiving());
  }

  /** Grants credit again. */
  resumeReceiving(): void {
    this.#isReceivingPaused = false;
    this.#command(({ connection }) => connection.resumeReceiving());
  }

  override on<Name extends keyof RudpConnectionEvents>(
    event: Name,
    listener: (...values: RudpConnectionEvents[Name]) => void,
  ): this;
  // biome-ignore lint/suspicious/noExplicitAny: the signature of Duplex
  override on(event: string | symbol, listener: (...values: any[]) => void): this;
  // biome-ignore lint/suspicious/noExplicitAny: the signature of Duplex
  override on(event: string | symbol, listener: (...values: any[]) => void): this {
    return super.on(event, listener);
  }

  override once<Name extends keyof RudpConnectionEvents>(
    event: Name,
    listener: (...values: RudpConnectionEvents[Name]) => void,
  ): this;
  // biome-ignore lint/suspicious/noExplicitAny: the signature of Duplex
  override once(event: string | symbol, listener: (...values: any[]) => void): this;
  // biome-ignore lint/suspicious/noExplicitAny: the signature of Duplex
  override once(event: string | symbol, listener: (...values: any[]) => void): this {
    return super.once(event, listener);
  }

  override _construct(callback: (error?: Error | null) => void): void {
    if (this.#open === undefined) {
      callback();
      return;
    }
    this.#open().then(
      (link) => {
        this.#attach(link);
        callback();
      },
      (error) => callback(error),
    );
  }

  override _read(): void {
    this.#isReadWanted = true;
    this.#pull();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: () => void): void {
    this.#pendingWrite = { chunk, offset: 0, callback };
    this.#push();
  }

  override _final(callback: () => void): void {
    this.#finalCallback = callback;
    this.#isFinishing = true;
    this.#command(({ connection }) => connection.finish());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#pendingWrite = undefined;
    this.#finalCallback = undefined;
    if (this.#link === undefined || this.#endReason !== undefined) {
      callback(error);
      return;
    }
    // `close` waits for the core's own end, so that `endReason` is known by then.
    this.#destroyCallback = () => callback(error);
    const { connection } = this.#link;
    // Both directions have ended: what is not yet acknowledged is still delivered, as after `close` of a TCP socket.
    const isWhole = this.#isFinishing && connection.isReceiveFinished;
    if (error === null && isWhole && this.#reset === undefined) return;
    const { code, reason } = this.#reset ?? { code: DESTROYED_RESET_CODE, reason: '' };
    this.#command(({ driver }) => connection.reset(driver.now(), code, reason));
  }

  readonly #handler: ConnectionHandler = {
    onEstablished: () => {
      this.emit('established');
    },
    onReadable: () => this.#pull(),
    onWritable: () => this.#push(),
    onFinished: () => this.#finished(),
    onClosed: (end, cause) => this.#closed(end, cause),
  };

  #attach(link: ConnectionLink): void {
    this.#link = link;
    link.driver.register(link.connection, this.#handler);
    if (this.#sink) this.#startSink(link.connection, this.#sink);
    if (this.#guardedSource) link.connection.sendFrom(this.#guardedSource);
    if (this.#isReceivingPaused) link.connection.pauseReceiving();
  }

  #startSink(connection: Connection, sink: PositionalSink): void {
    let hasFailed = false;
    connection.receiveInto({
      write: (offset, bytes) => {
        if (hasFailed) return;
        try {
          sink.write(offset, bytes);
        } catch (cause) {
          hasFailed = true;
          // The core is in the middle of a datagram here: it takes no command before it is done.
          process.nextTick(() =>
            this.destroy(new RudpError('sink-failed', 'the positional sink threw', { cause })),
          );
        }
      },
    });
  }

  /** The core is in the middle of a packet here: it takes no command before it is done. */
  #readSource(source: StreamSource, target: Uint8Array): number | undefined {
    try {
      const count = source.read(target);
      // The core knows the end by now, and the stream has to hear of it.
      if (count === undefined) process.nextTick(() => this.end());
      return count;
    } catch (cause) {
      process.nextTick(() =>
        this.destroy(new RudpError('source-failed', 'the source of the stream threw', { cause })),
      );
      return 0;
    }
  }

  #command(run: (link: ConnectionLink) => void): void {
    if (this.#link === undefined || this.#endReason !== undefined) return;
    run(this.#link);
    this.#link.driver.wake();
  }

  #pull(): void {
    if (this.#link === undefined || this.destroyed) return;
    const { connection, driver } = this.#link;
    let hasRead = false;
    while (this.#isReadWanted) {
      const chunk = connection.readChunk();
      if (chunk === undefined) break;
      hasRead = true;
      this.#isReadWanted = this.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      // Whoever listens may have destroyed the stream by now.
      if (this.destroyed) return;
    }
    if (connection.isReceiveFinished && !this.readableEnded) {
      this.push(null);
      // `end` comes even when nobody reads, if nothing is left to read.
      this.read(0);
    }
    // What was read is new credit for the peer.
    if (hasRead) driver.wake();
  }

  #push(): void {
    const write = this.#pendingWrite;
    if (write === undefined) return;
    this.#command(({ connection }) => {
      const rest = write.offset === 0 ? write.chunk : write.chunk.subarray(write.offset);
      write.offset += connection.write(rest);
    });
    if (write.offset < write.chunk.byteLength) return;
    this.#pendingWrite = undefined;
    write.callback();
  }

  #finished(): void {
    const callback = this.#finalCallback;
    this.#finalCallback = undefined;
    callback?.();
  }

  #closed(end: ConnectionEnd, cause: unknown): void {
    this.#endReason = end;
    if (end.kind === 'finished') this.#finished();
    const callback = this.#destroyCallback;
    if (callback) {
      callback();
      return;
    }
    const error = cause === undefined ? errorFromEnd(end) : errorFromCause(cause);
    // After `finished` the stream closes by itself, once everything that arrived has been read.
    if (error !== undefined || end.kind !== 'finished') this.destroy(error);
  }
}

function errorFromCause(cause: unknown): RudpError {
  if (cause instanceof RudpError) return cause;
  return new RudpError('endpoint-closed', 'the endpoint under the connection failed', { cause });
}
