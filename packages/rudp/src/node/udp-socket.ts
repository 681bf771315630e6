import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { RemoteAddress } from '../core/index.ts';

/** Which implementation moves the datagrams; the bytes on the wire are the same for all. */
export type UdpBackend = 'portable';

/** What became of one `send` of a socket, and what the operating system granted. */
export interface UdpSocketStatistics {
  readonly backend: UdpBackend;
  /** Granted by the system, which may be far less than what was asked for. */
  readonly receiveBufferBytes: number;
  readonly sendBufferBytes: number;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
  /** Sends that the system refused; to the protocol above they are lost packets. */
  readonly sendErrors: number;
}

/**
 * The port to the network. One implementation now; one that hands whole trains to the kernel (UDP_SEGMENT) and receives
 * several packets in one buffer (UDP_GRO) fits behind the same interface.
 */
export interface UdpSocket {
  readonly local: RemoteAddress;
  /** The peer of a connected socket. */
  readonly remote: RemoteAddress | undefined;
  /**
   * Sends a train: packets of `segmentBytes` each, back to back, the last possibly shorter. `done` is called exactly once,
   * perhaps before this returns; `train` must not change until then. Errors count as loss.
   */
  send(train: Uint8Array, segmentBytes: number, remote: RemoteAddress, done: () => void): void;
  statistics(): UdpSocketStatistics;
  /** The socket no longer keeps the process alive. */
  unref(): void;
  /** Frees the port. What was handed to `send` before has been handed to the system or is dropped. */
  close(): Promise<void>;
}

/** Options of `openUdpSocket`. */
export interface UdpSocketOptions {
  /** Where to listen; port 0 takes a free one. For a client the system chooses both. */
  readonly bind?: RemoteAddress;
  /** Ties the socket to one peer, as an IP address: sends are a fifth cheaper and refusals are reported. */
  readonly connect?: RemoteAddress;
  /** `bytes` is given away: the receiver may change it. It may hold several packets back to back. */
  readonly onDatagram: (remote: RemoteAddress, bytes: Uint8Array) => void;
  /** An error that the system reports later, such as ECONNREFUSED. The socket stays usable. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

/** Asked for at both ends: holds some 7,000 packets, tens of milliseconds of a gigabit link. */
const socketBufferBytesWanted = 8 * 1024 * 1024;
/** Below this nothing is gained by asking: every system grants it. */
const socketBufferBytesMin = 64 * 1024;

/** Opens a UDP socket of `node:dgram`; rejects with the system's error when binding or connecting fails. */
export async function openUdpSocket(options: UdpSocketOptions): Promise<UdpSocket> {
  const host = options.connect?.host ?? options.bind?.host ?? '0.0.0.0';
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    // Addresses only, so that a send happens at once and not in a later turn of the event loop.
    lookup: (address, _options, callback) => callback(null, address, family),
  });
  try {
    await open(socket, options);
  } catch (error) {
    socket.close();
    throw error;
  }
  return new DgramSocket(socket, options);
}

function open(socket: Socket, { bind, connect }: UdpSocketOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.off('error', settle);
      if (error) reject(error);
      else resolve();
    };
    socket.once('error', settle);
    if (connect) socket.connect(connect.port, connect.host, settle as () => void);
    else socket.bind({ address: bind?.host, port: bind?.port ?? 0 }, settle);
  });
}

class DgramSocket implements UdpSocket {
  readonly local: RemoteAddress;
  readonly remote: RemoteAddress | undefined;
  readonly #socket: Socket;
  readonly #receiveBufferBytes: number;
  readonly #sendBufferBytes: number;
  #datagramsSent = 0;
  #datagramsReceived = 0;
  #sendErrors = 0;
  #isClosed = false;

  constructor(socket: Socket, { connect, onDatagram, onError }: UdpSocketOptions) {
    this.#socket = socket;
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
      this.#datagramsReceived += 1;
      if (info.port !== source.port || info.address !== source.host) {
        source = { host: info.address, port: info.port };
      }
      onDatagram(source, bytes);
    });
    socket.on('error', onError);
  }

  send(train: Uint8Array, segmentBytes: number, remote: RemoteAddress, done: () => void): void {
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
      receiveBufferBytes: this.#receiveBufferBytes,
      sendBufferBytes: this.#sendBufferBytes,
      datagramsSent: this.#datagramsSent,
      datagramsReceived: this.#datagramsReceived,
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

/** Linux grants what its limit allows; other systems refuse what is over theirs, so ask for less until they agree. */
function growBuffer(set: (bytes: number) => void, get: () => number): number {
  for (let bytes = socketBufferBytesWanted; bytes >= socketBufferBytesMin; bytes /= 2) {
    try {
      set(bytes);
      break;
    } catch {
      // Over the limit of this system: half of it may fit.
    }
  }
  return get();
}
