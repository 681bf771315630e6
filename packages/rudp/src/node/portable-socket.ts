import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { RemoteAddress } from '../core/index.ts';
import { DATAGRAM_BYTES_UNFRAGMENTED } from '../core/index.ts';
import type { Outgoing, UdpSocket, UdpSocketOptions, UdpSocketStatistics } from './udp-socket.ts';

/** Asked for at both ends: holds some 7,000 packets, tens of milliseconds of a gigabit link. */
export const SOCKET_BUFFER_BYTES_WANTED = 8 * 1024 * 1024;
/** Below this nothing is gained by asking: every system grants it. */
const SOCKET_BUFFER_BYTES_MIN = 64 * 1024;

/** A `node:dgram` socket that is neither bound nor connected yet. */
export function createDgramSocket(host: string): Socket {
  const family = isIPv6(host) ? 6 : 4;
  return createSocket({
    type: `udp${family}`,
    // Addresses only, so that a send happens at once and not in a later turn of the event loop.
    lookup: (address, _options, callback) => callback(null, address, family),
  });
}

/** Runs a command of a `node:dgram` socket that ends with its callback, or with an error event. */
export function settled(socket: Socket, command: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.off('error', settle);
      if (error) reject(error);
      else resolve();
    };
    socket.once('error', settle);
    command(settle as () => void);
  });
}

/** Opens a UDP socket of `node:dgram`; rejects with the system's error when binding or connecting fails. */
export async function openPortableSocket(
  options: UdpSocketOptions,
  offloadMissing?: string,
): Promise<UdpSocket> {
  const { bind, connect } = options;
  const socket = createDgramSocket(connect?.host ?? bind?.host ?? '0.0.0.0');
  try {
    await settled(socket, (done) => {
      if (connect) socket.connect(connect.port, connect.host, done);
      else socket.bind({ address: bind?.host, port: bind?.port ?? 0 }, done);
    });
  } catch (error) {
    socket.close();
    throw error;
  }
  return new PortableSocket(socket, options, offloadMissing);
}

/** One system call for each datagram, through Node alone. */
export class PortableSocket implements UdpSocket {
  readonly local: RemoteAddress;
  readonly remote: RemoteAddress | undefined;
  readonly #socket: Socket;
  readonly #receiveBufferBytes: number;
  readonly #sendBufferBytes: number;
  readonly #offloadMissing: string | undefined;
  #datagramsSent = 0;
  #receiveCalls = 0;
  #sendErrors = 0;
  #isClosed = false;

  constructor(
    socket: Socket,
    { connect, onDatagram, onError }: UdpSocketOptions,
    offloadMissing: string | undefined,
  ) {
    this.#socket = socket;
    this.#offloadMissing = offloadMissing;
    const { address, port } = socket.address();
    this.local = { host: address, port };
    this.remote = connect;
    this.#receiveBufferBytes = growBuffer(
      (bytes) => socket.setRecvBufferSize(bytes),
      () => socket.getRecvBufferSize(),
    );
    this.#sendBufferBytes = growBuffer(
      (bytes) => socket.setSendBufferSize(bytes),
      () => socket.getSendBufferSize(),
    );
    // Most datagrams come from the sender of the one before.
    let source: RemoteAddress = connect ?? this.local;
    socket.on('message', (bytes, info) => {
      this.#receiveCalls += 1;
      if (info.port !== source.port || info.address !== source.host) {
        source = { host: info.address, port: info.port };
      }
      // Not as the Buffer that it is: that slice() of it is no copy is easily forgotten, and code that meets two kinds of arrays is slower.
      const { buffer } = bytes;
      const datagram = new Uint8Array(buffer, bytes.byteOffset, bytes.byteLength);
      onDatagram(source, datagram, undefined, undefined, bytes.byteLength);
      if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) free(buffer);
    });
    socket.on('error', onError);
  }

  send(train: Uint8Array, { segmentBytes, remote }: Outgoing, done: () => void): void {
    if (this.#isClosed) {
      done();
      return;
    }
    // Sends complete in order, so only the last one needs to report.
    const finish = (error: Error | null): void => {
      if (error) this.#sendErrors += 1;
      done();
    };
    const trainBytes = train.byteLength;
    for (let offset = 0; offset < trainBytes; offset += segmentBytes) {
      const isLast = offset + segmentBytes >= trainBytes;
      const length = isLast ? trainBytes - offset : segmentBytes;
      const callback = isLast ? finish : undefined;
      if (this.remote) this.#socket.send(train, offset, length, callback);
      else this.#socket.send(train, offset, length, remote.port, remote.host, callback);
      this.#datagramsSent += 1;
    }
  }

  statistics(): UdpSocketStatistics {
    return {
      backend: 'portable',
      offloadMissing: this.#offloadMissing,
      isSegmenting: false,
      isEcnCapable: false,
      receiveBufferBytes: this.#receiveBufferBytes,
      sendBufferBytes: this.#sendBufferBytes,
      datagramBytesMax: DATAGRAM_BYTES_UNFRAGMENTED,
      datagramsSent: this.#datagramsSent,
      sendCalls: this.#datagramsSent,
      receiveCalls: this.#receiveCalls,
      readIntervalMs: 0,
      sendErrors: this.#sendErrors,
    };
  }

  unref(): void {
    this.#socket.unref();
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    return new Promise((resolve) => {
      this.#socket.close(() => resolve());
    });
  }
}

/**
 * Gives memory back at once. Node makes a buffer of up to 64 KiB for each read; left to the garbage collector, they have it mark all
 * that the program holds, several times a second.
 */
function free(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}

/** Linux grants what its limit allows; other systems refuse what is over theirs, so ask for less until they agree. */
function growBuffer(set: (bytes: number) => void, get: () => number): number {
  for (let bytes = SOCKET_BUFFER_BYTES_WANTED; bytes >= SOCKET_BUFFER_BYTES_MIN; bytes /= 2) {
    try {
      set(bytes);
      break;
    } catch {
      // Over the limit of this system: half of it may fit.
    }
  }
  return get();
}
