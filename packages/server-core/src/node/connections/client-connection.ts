import type { Socket } from 'node:net';
import { type ClientMessage, clientMessages, DecodeError } from '@parley/protocol';
import type { ConnectionId } from '../../domain/events.ts';
import { LINGER_MS } from '../limits.ts';
import { type OwnFrame, piecesInOrder, type SharedFrames } from './shared-frames.ts';
import { firstLanguage } from './tls-records.ts';

const WANTED_TLS = new DecodeError('value-invalid', 'the client speaks TLS, this server does not');

/** What most connections have to send most of the time: they share it, and nothing is added to it. */
const NOTHING: never[] = [];

/** What a connection tells its listener. */
export interface ConnectionEvents {
  onMessage(connection: ClientConnection, message: ClientMessage): void;
  /** The bytes were not Parley; nothing more is read. */
  onDecodeError(connection: ClientConnection, error: DecodeError): void;
  /** Whether these first bytes of TLS, on plain TCP, begin a transfer; `undefined` while more of them are needed. */
  wantsTransfer(head: Uint8Array): boolean | undefined;
  /** They do: the connection is nothing any more, its socket is there to be taken. */
  onTransfer(connection: ClientConnection, head: Uint8Array): void;
  /** Told once, unless the connection was closed by us: the client closed it, or it broke. */
  onGone(connection: ClientConnection, detail: string): void;
  /** The socket is closed and forgotten. */
  onClosed(connection: ClientConnection): void;
}

/** One client's socket: bytes in become messages, frames out wait for the end of the turn. */
export class ClientConnection {
  readonly id: ConnectionId;
  /** Whether it has a place among those for whom there is something in this turn; its listener's to set. */
  isWaiting = false;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #decoder = clientMessages.createDecoder();
  #own: OwnFrame[] = NOTHING;
  #shared: readonly SharedFrames[] = NOTHING;
  #hasReceived = false;
  /** What came of TLS on plain TCP, until it is known what it is. */
  #hello: Buffer | undefined;
  #isGone = false;
  #isClosing = false;
  #isAwaitingRead = false;
  #errorCode: string | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(id: ConnectionId, socket: Socket, events: ConnectionEvents) {
    this.id = id;
    this.#socket = socket;
    this.#events = events;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Whether `close` was called or the client has gone: nothing can be sent any more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Bytes that were given to the socket in earlier turns and that the system has not taken. */
  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  /** Bytes of this turn. */
  get pendingBytes(): number {
    const ownBytes = this.#own.reduce((sum, { frame }) => sum + frame.length, 0);
    return this.#shared.reduce((sum, { byteCount }) => sum + byteCount, ownBytes);
  }

  /** Puts a frame of its own into this turn's bytes; `flush` sends them. */
  enqueue(frame: Uint8Array, place: number): void {
    if (this.#isClosing) return;
    if (this.#own === NOTHING) this.#own = [];
    this.#own.push({ frame, place });
  }

  /** Puts the frames of a room into this turn's bytes. */
  share(frames: SharedFrames): void {
    if (this.#isClosing) return;
    this.#shared = this.#shared === NOTHING ? frames.alone : [...this.#shared, frames];
  }

  /** Gives bytes to the socket at once: all that this turn has for it. */
  write(bytes: Buffer): void {
    if (!this.#isClosing) this.#socket.write(bytes);
  }

  /** Gives this turn's bytes to the socket in one piece. */
  flush(): void {
    const [own, shared] = [this.#own, this.#shared];
    const [first] = shared;
    if (own.length === 0 && first === undefined) return;
    this.#own = NOTHING;
    this.#shared = NOTHING;
    if (own.length === 0 && shared.length === 1 && first !== undefined) {
      this.#socket.write(first.joined);
      return;
    }
    const pieces = piecesInOrder(own, shared);
    this.#socket.write(pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces));
  }

  /** Calls back once, when the system has taken everything; not again while it waits for that. */
  onceRead(callback: () => void): void {
    if (this.#isAwaitingRead) return;
    this.#isAwaitingRead = true;
    this.#socket.once('drain', () => {
      this.#isAwaitingRead = false;
      callback();
    });
  }

  /** Sends what is pending, closes our side, and frees the socket in a bounded time. */
  // CHAT-GOODBYE-1
  close(): void {
    if (this.#isClosing) return;
    this.flush();
    this.#isClosing = true;
    // What still arrives is read and dropped: unread bytes would turn the close into a reset, and the last words of
    // the server would be lost with it.
    this.#socket.off('data', this.#onData);
    this.#socket.resume();
    this.#socket.end();
    this.#linger = setTimeout(() => this.#socket.destroy(), LINGER_MS);
  }

  /** Frees the socket at once. */
  destroy(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  readonly #onEnd = (): void => this.#gone('the client closed the connection');

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#errorCode = error.code ?? 'unknown error';
  };

  readonly #onClose = (): void => {
    clearTimeout(this.#linger);
    this.#gone('the connection was lost');
    this.#events.onClosed(this);
  };

  readonly #onData = (chunk: Buffer): void => {
    const isFirst = !this.#hasReceived;
    this.#hasReceived = true;
    try {
      if (this.#hello !== undefined || (isFirst && firstLanguage(chunk[0]) === 'tls')) {
        this.#readHello(chunk);
        return;
      }
      // Views of a Buffer are Buffers, which cost several times as much as views of plain bytes.
      this.#decoder.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
        this.#events.onMessage(this, message);
        if (this.#isClosing) return;
      }
    } catch (error) {
      // CHAT-FRAME-6
      if (!(error instanceof DecodeError)) throw error;
      this.#events.onDecodeError(this, error);
    }
  };

  // CHAT-TLS-3, CHAT-TCP-1
  #readHello(chunk: Buffer): void {
    this.#hello = Buffer.concat([this.#hello ?? Buffer.alloc(0), chunk]);
    const isTransfer = this.#events.wantsTransfer(this.#hello);
    if (isTransfer === undefined) return;
    if (!isTransfer) throw WANTED_TLS;
    this.#isClosing = true;
    const socket = this.#socket;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError);
    socket.off('close', this.#onClose);
    this.#events.onTransfer(this, this.#hello);
  }

  #gone(detail: string): void {
    if (this.#isGone || this.#isClosing) return;
    this.#isGone = true;
    const inside = this.#decoder.isAtFrameBoundary ? '' : ' in the middle of a message';
    const code = this.#errorCode === undefined ? '' : ` (${this.#errorCode})`;
    this.#events.onGone(this, `${detail}${inside}${code}`);
    this.close();
  }
}
