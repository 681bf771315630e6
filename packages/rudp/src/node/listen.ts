import type { AcceptedPreSharedKey, RudpConfig, ServerIdentity } from '../core/index.ts';
import { Endpoint } from '../core/index.ts';
import { type AeadChoice, aeadFor, findPacketCrypto } from './aead/packet-crypto.ts';
import { EndpointDriver } from './endpoint-driver.ts';
import { RudpError } from './errors.ts';
import { warnOfInsecure } from './insecure-warning.ts';
import { RudpListener } from './listener.ts';
import { openUdpSocket } from './open-socket.ts';
import { qlogDirectory } from './qlog-directory.ts';
import type { RudpStreamOptions } from './rudp-connection.ts';
import type { UdpIo, UdpSocket, UdpSocketOptions } from './udp-socket.ts';

/** Options of `listen`. */
export interface ListenOptions extends Pick<RudpStreamOptions, 'allowHalfOpen'> {
  /** An address of this machine. Default: all of them, IPv6 and IPv4. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /**
   * When given, only a SYN that names an identity for which this returns a key is answered; any other is refused. Anybody
   * can name an identity: a key for one use is forgotten in `consume`, which is called when a SYN has proved the key.
   */
  readonly acceptPreSharedKey?: (identity: Uint8Array) => AcceptedPreSharedKey | undefined;
  /** The long-term key of this listener, which it proves to each client; see `loadServerIdentity`. */
  readonly identity?: ServerIdentity;
  readonly config?: Partial<RudpConfig>;
  /**
   * How datagrams reach the system: `offload` hands it many at a time (Linux, with the optional dependency koffi), `portable`
   * needs nothing but Node. `auto`, the default, takes the first where a self-test passes.
   */
  readonly io?: UdpIo;
  /**
   * INSECURE, for measurements only: packets are neither encrypted nor authenticated, anybody can read, change and end every
   * connection. Clients have to ask for it too: others are refused. A process that does so prints a warning.
   */
  readonly dangerouslyWithoutPacketProtection?: boolean;
  /**
   * 32 random bytes that are kept over a restart: clients of connections that are gone are told so by their next packet, and
   * need not wait for the idle timeout. No two listeners that run at the same time may share it.
   */
  readonly resetSecret?: Uint8Array;
  /**
   * What computes the protection of packets: `openssl-ffi` calls OpenSSL directly (with the optional dependency koffi), `node`
   * needs nothing but Node. `auto` takes the first where a self-test passes: the default, unless `io` is `portable`. The bytes on
   * the wire are the same.
   */
  readonly aead?: AeadChoice;
  /** What happens on each connection is written into this directory, as qlog: qvis and its like open it. */
  readonly qlogDirectory?: string;
}

/**
 * Listens for connections. Rejects with a `RudpError` (`socket-failed`) when the address is taken, is not ours, or is not permitted, and
 * with `InvalidConfigError` when a setting is out of its range.
 */
export async function listen(options: ListenOptions = {}): Promise<RudpListener> {
  const { crypto, cipherSuites } = findPacketCrypto(options.aead ?? aeadFor(options.io));
  const endpoint = new Endpoint({
    crypto,
    allocate: Buffer.allocUnsafeSlow,
    acceptsConnections: true,
    ...(options.qlogDirectory ? { observe: qlogDirectory(options.qlogDirectory) } : {}),
    ...(options.resetSecret ? { resetSecret: options.resetSecret } : {}),
    config: { cipherSuites, ...options.config },
    identity: options.identity,
    dangerouslyWithoutPacketProtection: warnOfInsecure(options.dangerouslyWithoutPacketProtection),
    ...(options.acceptPreSharedKey ? { acceptPreSharedKey: options.acceptPreSharedKey } : {}),
  });
  const driver = new EndpointDriver({
    endpoint,
    onAccepted: (connection) => listener.handleAccepted(connection),
    onIdle: () => undefined,
    onFailure: (cause) => listener.handleFailure(cause),
  });
  const socket = await bind(options, {
    onDatagram: driver.handleDatagram,
    roundTripMs: driver.roundTripMs,
    // What the system reports here is some peer's ICMP message: one peer's trouble must not be that of all.
    onError: () => undefined,
  });
  endpoint.useSocket(socket.statistics());
  const listener = new RudpListener({ socket, driver, allowHalfOpen: options.allowHalfOpen ?? true });
  driver.attachSocket(socket);
  return listener;
}

async function bind(
  { host, port = 0, io }: ListenOptions,
  handlers: Pick<UdpSocketOptions, 'onDatagram' | 'onError' | 'roundTripMs'>,
): Promise<UdpSocket> {
  try {
    return await openUdpSocket({ io, bind: { host: host ?? '::', port }, ...handlers });
  } catch (cause) {
    // A machine without IPv6 still listens everywhere that it can.
    if (host === undefined && isWithoutIpv6(cause))
      return bind({ host: '0.0.0.0', port, ...(io ? { io } : {}) }, handlers);
    if (cause instanceof RudpError) throw cause;
    throw new RudpError('socket-failed', `cannot listen on udp ${host ?? '*'}:${port}`, { cause });
  }
}

function isWithoutIpv6(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EINVAL';
}
