import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { PathHint, PositionalSink, StreamSource } from '../../core/index.ts';
import { RudpError } from '../errors.ts';
import type { StreamConnection } from '../stream-connection.ts';
import { BlockDecoder, encodeBlockHeader, encodeSignal, Signal } from './blocks.ts';
import { SourceWriter } from './source-writer.ts';

/** How long what was written last may take to leave after the end. */
const LINGER_MS = 2_000;

/** Sent when a connection is destroyed and nobody said why, as over UDP. */
const DESTROYED_RESET_CODE = 0x100;

/**
 * A connection as `RudpConnection` is one, over TLS: the same stream, the same pre-shared key, the same ends, for networks where
 * UDP does not get through. Made by `connectTls` and `listenTls`.
 */
export class TlsConnection extends Duplex implements StreamConnection {
  readonly context: unknown;
  readonly #socket: TLSSocket;
  #explain: ((cause: Error | undefined) => RudpError) | undefined;
  readonly #decoder = new BlockDecoder({
    onBytes: (bytes) => this.#take(bytes),
    onSignal: (signal) => this.#handleSignal(signal),
  });
  #sink: PositionalSink | undefined;
  #sourceWriter: SourceWriter | undefined;
  #isPaused = false;
  #isReceiveFinished = false;
  #isFinishAcknowledged = false;
  #receivedBytes = 0;
  #writtenBytes = 0;
  #resetCode = DESTROYED_RESET_CODE;
  #finalCallback: (() => void) | undefined;

  /** `explain` puts what goes wrong before `establish` into words; without it the handshake is done. */
  constructor(
    socket: TLSSocket,
    options: { readonly context?: unknown; readonly explain?: (cause: Error | undefined) => RudpError } = {},
  ) {
    super({ allowHalfOpen: true });
    this.context = options.context;
    this.#explain = options.explain;
    this.#socket = socket;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (cause) => this.#fail(cause));
    socket.on('close', () => this.#fail(undefined));
  }

  /** The handshake is done. */
  establish(): void {
    this.#explain = undefined;
    this.emit('established');
  }

  get receivedBytesContiguous(): number {
    return this.#receivedBytes;
  }

  get acknowledgedBytes(): number {
    return this.#writtenBytes;
  }

  pathHint(): PathHint | undefined {
    return undefined;
  }

  reset(code: number): void {
    this.#resetCode = code;
    this.destroy();
  }

  receiveInto(sink: PositionalSink): void {
    this.#sink = sink;
    this.resume();
  }

  sendFrom(source: StreamSource): void {
    this.#sourceWriter = new SourceWriter(this, source);
    this.#sourceWriter.writeNext();
  }

  sendOn(): void {
    this.#sourceWriter?.writeNext();
  }

  pauseReceiving(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resumeReceiving(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  override _read(): void {
    if (!this.#isPaused) this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    if (chunk.byteLength === 0) {
      callback();
      return;
    }
    this.#socket.cork();
    this.#socket.write(encodeBlockHeader(chunk.byteLength));
    this.#socket.write(chunk, (error) => {
      // `error` and `close` of the socket say what happened.
      if (error) return;
      this.#writtenBytes += chunk.byteLength;
      callback();
    });
    this.#socket.uncork();
  }

  override _final(callback: () => void): void {
    this.#finalCallback = callback;
    this.#socket.write(encodeSignal(Signal.finished));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const socket = this.#socket;
    const isWhole = this.#isFinishAcknowledged && this.#isReceiveFinished;
    // What the peer still sends is of no use, and would keep the system from closing in peace.
    socket.removeAllListeners('data');
    socket.resume();
    if (this.#explain !== undefined) socket.destroy();
    if (socket.destroyed) {
      callback(error);
      return;
    }
    if (!isWhole) socket.write(encodeSignal(this.#resetCode));
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    callback(error);
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.#decoder.push(bytes);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.destroyed) return;
    if (this.#isReceiveFinished) {
      throw new RudpError('protocol-violation', 'the peer broke the protocol: bytes after the end');
    }
    const offset = this.#receivedBytes;
    this.#receivedBytes += bytes.byteLength;
    if (this.#sink === undefined) {
      if (!this.push(bytes)) this.#socket.pause();
      return;
    }
    try {
      this.#sink.write(offset, bytes);
    } catch (cause) {
      this.destroy(new RudpError('sink-failed', 'the positional sink threw', { cause }));
    }
  }

  #handleSignal(signal: number): void {
    if (this.destroyed) return;
    if (signal === Signal.finished) {
      this.#isReceiveFinished = true;
      this.#socket.write(encodeSignal(Signal.received));
      this.push(null);
      // `end` comes even when nobody reads, if nothing is left to read.
      this.read(0);
    } else if (signal === Signal.received) {
      this.#isFinishAcknowledged = true;
      this.#finalCallback?.();
      this.#finalCallback = undefined;
    } else {
      const words = `the peer reset the connection (code ${signal})`;
      this.destroy(new RudpError('reset', words, { resetCode: signal }));
    }
  }

  #fail(cause: Error | undefined): void {
    if (this.#isFinishAcknowledged && this.#isReceiveFinished) return;
    this.destroy(this.#explain?.(cause) ?? disconnected(cause));
  }
}

function disconnected(cause: Error | undefined): RudpError {
  const why = cause === undefined ? '' : ` (${(cause as NodeJS.ErrnoException).code ?? cause.message})`;
  return new RudpError('disconnected', `the tls connection broke${why}`, { cause });
}
