import type { Socket } from 'node:dgram';
import type { RemoteAddress } from '../../core/index.ts';
import { DATAGRAM_BYTES_UNFRAGMENTED, EcnMark, TRAIN_BYTES_MAX } from '../../core/index.ts';
import { createDgramSocket, PortableSocket, settled } from '../portable-socket.ts';
import type {
  DatagramHandler,
  Outgoing,
  UdpSocket,
  UdpSocketOptions,
  UdpSocketStatistics,
} from '../udp-socket.ts';
import { ArrivalClock } from './arrival-clock.ts';
import { openDescriptor } from './descriptor-group.ts';
import { Errno } from './errno.ts';
import { AddressFamily, type Libc, SocketOption, SystemCallError } from './libc.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { encodeSocketAddress, familyOf } from './socket-address.ts';

/** Opens a socket of our own making and hands it to `node:dgram`; rejects with the system's error when that fails. */
export async function openOffloadSocket(libc: Libc, options: UdpSocketOptions): Promise<OffloadSocket> {
  const { bind, connect } = options;
  const host = connect?.host ?? bind?.host ?? '0.0.0.0';
  const fd = openDescriptor(libc, host);
  try {
    if (bind && !connect) libc.bind(fd, encodeSocketAddress(libc, bind));
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return adoptDescriptor({ libc, fd, clock: new ArrivalClock(libc) }, host, options);
}

/** A socket of our own making, and what tells when its datagrams came. */
export interface Descriptor {
  readonly libc: Libc;
  readonly fd: number;
  readonly clock: ArrivalClock;
}

/** Hands a descriptor to `node:dgram`, which closes it from then on, and ties it to the peer if there is one. */
export async function adoptDescriptor(
  descriptor: Descriptor,
  host: string,
  options: OffloadSocketOptions,
): Promise<OffloadSocket> {
  const { libc, fd } = descriptor;
  const { connect } = options;
  const socket = createDgramSocket(host);
  try {
    await settled(socket, (done) => socket.bind({ fd }, done));
    // libuv allows others to take the same port when it adopts a descriptor: that is how traffic gets stolen.
    libc.setOption(fd, SocketOption.reuseAddress, 0);
    if (connect) await settled(socket, (done) => socket.connect(connect.port, connect.host, done));
  } catch (error) {
    socket.close();
    throw error;
  }
  return new OffloadSocket({ ...descriptor, socket }, options);
}

/** What an offload socket does with what it reads. */
export interface OffloadSocketOptions extends UdpSocketOptions {
  /** What follows each datagram that `node:dgram` has reported: it reads what else waits, `drain()` by default. */
  readonly readOn?: () => void;
  /** What all its datagrams came with, where sockets are sorted by that. */
  readonly mark?: EcnMark;
  /** The system can read many messages at a time; false by default. */
  readonly isBatching?: boolean;
}

/** A train on its way to the kernel. */
interface OutgoingTrain {
  readonly train: Uint8Array;
  readonly segmentBytes: number;
  readonly remote: RemoteAddress;
  readonly mark: EcnMark;
  readonly done: () => void;
  /** Bytes that the kernel has taken, or refused. */
  offset: number;
  /** The kernel has refused it as a train: one packet after the other. */
  isCut: boolean;
  hasFailed: boolean;
}

/** Errors of a train of packets that may pass by themselves: the device, or a tunnel on the way to it, cannot cut. */
const SEGMENTATION_ERRORS: ReadonlySet<number> = new Set([Errno.ioError, Errno.invalid, Errno.notSupported]);

/** A receive buffer that holds fewer of the largest datagrams than this overflows before its reader wakes up. */
const DATAGRAMS_BUFFERED_MIN = 32;

function datagramBytesMaxOf(receiveBufferBytes: number): number {
  const bytes = Math.floor(receiveBufferBytes / DATAGRAMS_BUFFERED_MIN);
  return Math.max(DATAGRAM_BYTES_UNFRAGMENTED, Math.min(bytes, TRAIN_BYTES_MAX));
}

/**
 * A whole train in one system call (UDP_SEGMENT), and several datagrams in one read (UDP_GRO). Reading, and waiting for a
 * socket that is full, stay with `node:dgram`, which owns the descriptor; sends that need not wait go past it.
 */
export class OffloadSocket implements UdpSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #plain: PortableSocket;
  readonly #queue: ReceiveQueue;
  readonly #family: number;
  readonly #onError: UdpSocketOptions['onError'];
  readonly #addresses = new WeakMap<RemoteAddress, Uint8Array>();
  /** Trains that the socket had no room for; `node:dgram` holds a part of the first one until there is room. */
  readonly #waiting: OutgoingTrain[] = [];
  #isSegmenting = true;
  #isClosed = false;
  /** What UDP_SEGMENT is set to; 0 cuts nothing. */
  #segmentBytes = 0;
  /** The mark that packets leave with. */
  #mark: EcnMark = EcnMark.none;
  #datagramsSent = 0;
  #sendCalls = 0;
  #sendErrors = 0;

  constructor(
    { libc, fd, clock, socket }: Descriptor & { readonly socket: Socket },
    options: OffloadSocketOptions,
  ) {
    this.#libc = libc;
    this.#fd = fd;
    this.#socket = socket;
    this.#onError = options.onError;
    const { onDatagram, mark } = options;
    const onReported: DatagramHandler = (remote, bytes) =>
      onDatagram(remote, bytes, mark, clock.arrivalOf(fd));
    this.#plain = new PortableSocket(socket, { ...options, onDatagram: onReported }, undefined);
    this.#family = familyOf(this.#plain.local.host);
    // Asked once, the kernel begins to note the times.
    clock.arrivalOf(fd);
    this.#queue = new ReceiveQueue(
      { libc, clock, fd, family: this.#family, mark, isBatching: options.isBatching === true },
      options,
    );
    // Behind the listener of the portable socket: that one has taken the first datagram.
    socket.on('message', options.readOn ?? this.drain);
  }

  get local(): RemoteAddress {
    return this.#plain.local;
  }

  get remote(): RemoteAddress | undefined {
    return this.#plain.remote;
  }

  /** Reads what waits. */
  readonly drain = (): void => {
    this.#queue.drain();
  };

  /** Reads all that waits: nothing more comes. */
  empty(): void {
    this.#queue.empty();
  }

  send(train: Uint8Array, { segmentBytes, remote, isEcnCapable }: Outgoing, done: () => void): void {
    if (this.#isClosed) {
      done();
      return;
    }
    const mark = isEcnCapable ? EcnMark.ect0 : EcnMark.none;
    const outgoing = { train, segmentBytes, remote, mark, done, offset: 0, isCut: false, hasFailed: false };
    const mustWait = this.#waiting.length > 0;
    if (!mustWait && this.#sendNow(outgoing)) return;
    this.#waiting.push(outgoing);
    if (!mustWait) this.#waitForRoom(outgoing);
  }

  statistics(): UdpSocketStatistics {
    const plain = this.#plain.statistics();
    return {
      ...plain,
      backend: 'offload',
      isSegmenting: this.#isSegmenting,
      datagramBytesMax: datagramBytesMaxOf(plain.receiveBufferBytes),
      datagramsSent: this.#datagramsSent,
      sendCalls: this.#sendCalls,
      receiveCalls: plain.receiveCalls + this.#queue.reads,
      sendErrors: this.#sendErrors,
    };
  }

  unref(): void {
    this.#plain.unref();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.stop();
    for (const { done } of this.#waiting.splice(0)) done();
    return this.#plain.close();
  }

  /** False when the socket is full; what has left by then is behind `offset`. */
  #sendNow(outgoing: OutgoingTrain): boolean {
    const { train } = outgoing;
    while (outgoing.offset < train.byteLength) {
      const part = this.#partOf(outgoing);
      const errno = this.#sendPart(outgoing, part);
      if (errno === Errno.again) return false;
      if (part.byteLength > outgoing.segmentBytes && SEGMENTATION_ERRORS.has(errno)) {
        outgoing.isCut = true;
        continue;
      }
      this.#settlePart(outgoing, part, errno);
    }
    // The same packets pass one by one: it is the train that is refused, and others would be.
    if (outgoing.isCut && !outgoing.hasFailed) this.#isSegmenting = false;
    outgoing.done();
    return true;
  }

  /** The rest of a train, or its next packet where nobody cuts it. */
  #partOf({ train, offset, segmentBytes, isCut }: OutgoingTrain): Uint8Array {
    const isWhole = this.#isSegmenting && !isCut;
    if (offset === 0 && (isWhole || train.byteLength <= segmentBytes)) return train;
    return isWhole ? train.subarray(offset) : train.subarray(offset, offset + segmentBytes);
  }

  #sendPart({ segmentBytes, remote, mark }: OutgoingTrain, part: Uint8Array): number {
    if (mark !== this.#mark) this.#setMark(mark);
    const cutBytes = part.byteLength > segmentBytes ? segmentBytes : 0;
    if (cutBytes !== this.#segmentBytes) {
      this.#libc.setOption(this.#fd, SocketOption.udpSegment, cutBytes);
      this.#segmentBytes = cutBytes;
    }
    const address = this.remote === undefined ? this.#addressOf(remote) : undefined;
    this.#sendCalls += 1;
    const errno = this.#libc.send(this.#fd, part, address);
    // A router's word about an earlier packet is told once, by the next send: the second try is about this one.
    return errno === Errno.messageTooLong ? this.#libc.send(this.#fd, part, address) : errno;
  }

  // RUDP-ECN-1
  #setMark(mark: EcnMark): void {
    this.#libc.setOption(this.#fd, SocketOption.ipTypeOfService, mark);
    if (this.#family === AddressFamily.ipv6)
      this.#libc.setOption(this.#fd, SocketOption.ipv6TrafficClass, mark);
    this.#mark = mark;
  }

  #settlePart(outgoing: OutgoingTrain, part: Uint8Array, errno: number): void {
    outgoing.offset += part.byteLength;
    if (errno === Errno.none) {
      this.#datagramsSent += Math.ceil(part.byteLength / outgoing.segmentBytes);
      return;
    }
    outgoing.hasFailed = true;
    this.#sendErrors += 1;
    // Told here, it is not told to the reader any more: a client learns from it that nobody is there.
    if (this.remote !== undefined) this.#onError(new SystemCallError('sendto', errno));
  }

  /** Leaves it to `node:dgram` to send the next part as soon as there is room, and goes on from there. */
  #waitForRoom(outgoing: OutgoingTrain): void {
    const part = this.#partOf(outgoing);
    const goOn = (error: Error | null): void => {
      if (this.#isClosed) return;
      if (error) this.#sendErrors += 1;
      else this.#datagramsSent += Math.ceil(part.byteLength / outgoing.segmentBytes);
      outgoing.offset += part.byteLength;
      this.#sendWaiting();
    };
    if (this.remote) this.#socket.send(part, goOn);
    else this.#socket.send(part, outgoing.remote.port, outgoing.remote.host, goOn);
  }

  #sendWaiting(): void {
    for (;;) {
      const outgoing = this.#waiting[0];
      if (outgoing === undefined) return;
      if (!this.#sendNow(outgoing)) {
        this.#waitForRoom(outgoing);
        return;
      }
      this.#waiting.shift();
    }
  }

  #addressOf(remote: RemoteAddress): Uint8Array {
    let address = this.#addresses.get(remote);
    if (address === undefined) {
      address = encodeSocketAddress(this.#libc, remote);
      this.#addresses.set(remote, address);
    }
    return address;
  }
}
