import type { EcnMark, RemoteAddress, Transmit } from '../core/index.ts';

/** Which implementation moves the datagrams; the bytes on the wire are the same for all. */
export type UdpBackend = 'portable' | 'offload';

/** What to use: `auto` takes `offload` where a self-test passes, and `portable` elsewhere. */
export type UdpIo = UdpBackend | 'auto';

/** What became of the sends of a socket, and what the operating system granted. */
export interface UdpSocketStatistics {
  readonly backend: UdpBackend;
  /** Why `auto` chose `portable`; undefined otherwise. */
  readonly offloadMissing: string | undefined;
  /** The kernel cuts trains into datagrams; false as soon as a device has refused it, and on the portable backend. */
  readonly isSegmenting: boolean;
  /** Sets ECN marks and reads them. */
  readonly isEcnCapable: boolean;
  /** Granted by the system, which may be far less than what was asked for. */
  readonly receiveBufferBytes: number;
  readonly sendBufferBytes: number;
  /** Largest UDP payload that may be probed for: what the buffers hold, and 1,472 where fragmentation cannot be forbidden. */
  readonly datagramBytesMax: number;
  readonly datagramsSent: number;
  /** Sends; each took one datagram, or a train of them. */
  readonly sendCalls: number;
  /** Reads; one of them may hold many datagrams, when the kernel joins them or many are read at once. */
  readonly receiveCalls: number;
  /** Milliseconds between reads; 0 while each datagram wakes its reader, as where they are few or the path is short. */
  readonly readIntervalMs: number;
  /** Sends that the system refused; to the protocol above they are lost packets. */
  readonly sendErrors: number;
}

/** What a socket needs to know of a train: the size of its packets, where they go, and whether they are marked ECT(0). */
export type Outgoing = Pick<Transmit, 'segmentBytes' | 'remote' | 'isEcnCapable'>;

/**
 * The port to the network: `portable` sends and receives one datagram at a time, `offload` hands whole trains to the kernel
 * (UDP_SEGMENT) and receives several datagrams in one buffer (UDP_GRO).
 */
export interface UdpSocket {
  readonly local: RemoteAddress;
  /** The peer of a connected socket. */
  readonly remote: RemoteAddress | undefined;
  /**
   * Sends a train: packets of `segmentBytes` each, back to back, the last possibly shorter. `done` is called exactly once,
   * perhaps before this returns; `train` must not change until then. Errors count as loss.
   */
  send(train: Uint8Array, outgoing: Outgoing, done: () => void): void;
  statistics(): UdpSocketStatistics;
  /** The socket no longer keeps the process alive. */
  unref(): void;
  /** Frees the port. What was handed to `send` before has been handed to the system or is dropped. */
  close(): Promise<void>;
}

/** Takes a datagram. */
export type DatagramHandler = (
  remote: RemoteAddress,
  bytes: Uint8Array,
  mark?: EcnMark,
  receivedAtMs?: number,
  segmentBytes?: number,
) => void;

/** Options of `openUdpSocket`. */
export interface UdpSocketOptions {
  /** Default: `auto`. */
  readonly io?: UdpIo | undefined;
  /** Where to listen; port 0 takes a free one. For a client the system chooses both. */
  readonly bind?: RemoteAddress;
  /** The only peer, as an IP address: what is sent before it answers may be refused, and that is reported. */
  readonly connect?: RemoteAddress;
  /**
   * `bytes` may be changed, and is valid during the call. It may hold several datagrams back to back, each of `segmentBytes`, the
   * last possibly shorter; undefined where the system does not tell. `receivedAtMs` is when the system received it, by
   * `performance.now()`, where that is known.
   */
  readonly onDatagram: DatagramHandler;
  /**
   * The shortest round trip of those who wait for what arrives, in milliseconds; Infinity when it is not known. A socket that can do
   * so reads busy paths at intervals that are short beside it; by default it reads everything at once.
   */
  readonly roundTripMs?: () => number;
  /** An error that the system reports later, such as ECONNREFUSED. The socket stays usable. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
}
