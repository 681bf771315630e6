import { lookup } from 'node:dns/promises';
import { SocketAddress } from 'node:net';
import type { PathHint, PreSharedKey, RudpConfig } from '../core/index.ts';
import { checkServerIdentity, Endpoint, parsePathHint } from '../core/index.ts';
import { type AeadChoice, aeadFor, findPacketCrypto } from './aead/packet-crypto.ts';
import { EndpointDriver } from './endpoint-driver.ts';
import { RudpError } from './errors.ts';
import { warnOfInsecure } from './insecure-warning.ts';
import { openUdpSocket } from './open-socket.ts';
import { qlogDirectory } from './qlog-directory.ts';
import type { ConnectionLink, RudpStreamOptions } from './rudp-connection.ts';
import { RudpConnection } from './rudp-connection.ts';
import type { UdpIo, UdpSocket } from './udp-socket.ts';

/** Options of `connect`. */
export interface ConnectOptions extends RudpStreamOptions {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** Proves who we are to the listener and the listener to us; see `derivePreSharedKey`. */
  readonly preSharedKey?: PreSharedKey;
  /**
   * The long-term key of the listener, 32 bytes: nobody else is talked to, the connection fails with `identity-mismatch`
   * before a byte of the stream has moved. `serverIdentity` of the connection tells which one it saw.
   */
  readonly serverIdentity?: Uint8Array;
  /** What an earlier connection has measured of the path (`pathHint()`): it may begin at half of that speed. */
  readonly pathHint?: PathHint;
  readonly config?: Partial<RudpConfig>;
  /**
   * How datagrams reach the system: `offload` hands it many at a time (Linux, with the optional dependency koffi), `portable`
   * needs nothing but Node. `auto`, the default, takes the first where a self-test passes.
   */
  readonly io?: UdpIo;
  /** INSECURE, for measurements only: see `ListenOptions`. Both ends have to ask for it. */
  readonly dangerouslyWithoutPacketProtection?: boolean;
  /**
   * What computes the protection of packets: `openssl-ffi` calls OpenSSL directly (with the optional dependency koffi), `node`
   * needs nothing but Node. `auto` takes the first where a self-test passes: the default, unless `io` is `portable`. The bytes on
   * the wire are the same.
   */
  readonly aead?: AeadChoice;
  /** What happens on the connection is written into this directory, as qlog: qvis and its like open it. */
  readonly qlogDirectory?: string;
}

/**
 * Opens a connection on a UDP socket of its own. Bytes may be written at once; `established` tells that the peer answered.
 * What goes wrong comes as `error`: `host-not-found`, `unreachable`, `handshake-timeout`, `refused`, `identity-mismatch`, `socket-failed`.
 * Throws `InvalidConfigError` at once when a setting or the hint is out of its range.
 */
export function connect(options: ConnectOptions): RudpConnection {
  const { crypto, cipherSuites } = findPacketCrypto(options.aead ?? aeadFor(options.io));
  if (options.pathHint !== undefined) parsePathHint(options.pathHint);
  const endpoint = new Endpoint({
    crypto,
    allocate: Buffer.allocUnsafeSlow,
    acceptsConnections: false,
    ...(options.qlogDirectory ? { observe: qlogDirectory(options.qlogDirectory) } : {}),
    config: { cipherSuites, ...options.config },
    dangerouslyWithoutPacketProtection: warnOfInsecure(options.dangerouslyWithoutPacketProtection),
  });
  checkServerIdentity(options.serverIdentity);
  return new RudpConnection(() => open(endpoint, options), options);
}

async function open(
  endpoint: Endpoint,
  { host, port, preSharedKey, serverIdentity, pathHint, io }: ConnectOptions,
): Promise<ConnectionLink> {
  const remote = { host: await resolve(host), port };
  let hasHeard = false;
  let socket: UdpSocket | undefined;
  let lingering: NodeJS.Timeout | undefined;
  const close = (cause?: unknown): void => {
    clearTimeout(lingering);
    driver.stop({ kind: 'endpoint-closed' }, cause);
    void socket?.close();
  };
  const driver = new EndpointDriver({
    endpoint,
    onAccepted: () => undefined,
    onEnded: (connection) => {
      const lingerMs = Math.max(LINGER_MS_MIN, LINGER_RTTS * connection.statistics().smoothedRttMs);
      lingering = setTimeout(() => driver.unref(), lingerMs);
    },
    onIdle: () => close(),
    onFailure: () => close(),
  });
  try {
    socket = await openUdpSocket({
      io,
      connect: remote,
      roundTripMs: driver.roundTripMs,
      onDatagram: (...datagram) => {
        hasHeard = true;
        driver.handleDatagram(...datagram);
      },
      onError: (cause) => {
        // An ICMP message is not authentic: once somebody has answered, only the timers decide.
        if (hasHeard || !UNREACHABLE_CODES.has(cause.code ?? '')) return;
        close(
          new RudpError('unreachable', `nothing answers on udp ${host}:${port} (${cause.code})`, { cause }),
        );
      },
    });
  } catch (cause) {
    if (cause instanceof RudpError) throw cause;
    throw new RudpError('socket-failed', `cannot open a udp socket to ${host}:${port}`, { cause });
  }
  endpoint.useSocket(socket.statistics());
  const connection = endpoint.connect(driver.now(), remote, { preSharedKey, serverIdentity, pathHint });
  driver.attachSocket(socket);
  return { driver, connection };
}

/**
 * Time-wait is seconds long and only there for a peer that has not heard our last acknowledgement. A program that has nothing
 * else to do stays for as long as the peer's first repeats take, and not for all of it.
 */
const LINGER_MS_MIN = 400;
const LINGER_RTTS = 4;

/** What the system reports on a connected socket when an ICMP message says that nobody is there. */
const UNREACHABLE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

async function resolve(host: string): Promise<string> {
  try {
    const { address, family } = await lookup(host);
    // One spelling for one address: packets from another are not taken. A zone has only one.
    return family === 6 && !address.includes('%')
      ? new SocketAddress({ address, family: 'ipv6' }).address
      : address;
  } catch (cause) {
    throw new RudpError('host-not-found', `cannot resolve the host ${host}`, { cause });
  }
}
