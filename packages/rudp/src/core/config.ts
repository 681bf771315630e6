import { CONGESTION_CONTROLLER_NAMES, type CongestionControllerName } from './congestion/names.ts';
import type { CipherSuite } from './keys/crypto.ts';
import { DATAGRAM_BYTES_BASE, DATAGRAM_BYTES_UNFRAGMENTED, KEY_UPDATE_PACKETS_MAX } from './limits.ts';

/** Settings of an endpoint and of the connections on it. Durations are milliseconds, sizes bytes. */
export interface RudpConfig {
  /** Congestion controller: `bbr`, `cubic` as most of the Internet has it, or the textbook's `fixed-window`. */
  readonly congestionController: CongestionControllerName;
  /** Window of the `fixed-window` controller, in packets. */
  readonly fixedWindowPackets: number;
  /** RTT assumed before the first sample (RFC 9002 §6.2.2 has 333 ms; a chat server is nearer than that, and the SYN is one packet). */
  readonly initialRttMs: number;
  /** How long a handshake may take before the connection ends as timed out. */
  readonly handshakeTimeoutMs: number;
  /** Silence after which the connection ends (RFC 9000 §10.1); the smaller value of both sides holds. */
  readonly idleTimeoutMs: number;
  /** Silence after which a PING is sent; 0 sends none. */
  readonly keepAliveMs: number;
  /** Longest time an acknowledgement is delayed on purpose (RFC 9000 §13.2.1). */
  readonly ackDelayMsMax: number;
  /** Receive window at start; it doubles while the reader keeps up. */
  readonly receiveWindowBytesInitial: number;
  /** Hard cap of the receive window: the most memory one connection's receive side holds. */
  readonly receiveWindowBytesMax: number;
  /** Rate at which the owner means to take bytes, where it is limited: the window is then no larger than that and the path need. */
  readonly receiveBytesPerSecondMax: number;
  /** Hard cap of the bytes that are written and not yet acknowledged: the most memory its send side holds. */
  readonly sendBufferBytesMax: number;
  /** Largest UDP payload to use; discovery starts at 1200 and probes up to this. */
  readonly datagramBytesMax: number;
  /** Mark packets as ECN-capable: only for a socket that sets the marks and reads them. Those of this package say so themselves; false forbids it. */
  readonly isEcnEnabled: boolean;
  /** Packets that one key seals before the next takes over; the limits of RFC 9001 §6.6 are 2^23 and more. */
  readonly keyUpdatePackets: number;
  /** Ciphers in order of preference. */
  readonly cipherSuites: readonly CipherSuite[];
}

/** No receive window is smaller: ten packets, as of a connection that begins. */
export const RECEIVE_WINDOW_BYTES_MIN = 16_384;

/** Values that suit a file transfer between two machines on the Internet. */
export const DEFAULT_CONFIG: RudpConfig = {
  congestionController: 'bbr',
  fixedWindowPackets: 64,
  initialRttMs: 100,
  handshakeTimeoutMs: 10_000,
  idleTimeoutMs: 30_000,
  keepAliveMs: 0,
  ackDelayMsMax: 25,
  receiveWindowBytesInitial: 1 << 20,
  receiveWindowBytesMax: 64 << 20,
  receiveBytesPerSecondMax: Number.POSITIVE_INFINITY,
  sendBufferBytesMax: 64 << 20,
  datagramBytesMax: DATAGRAM_BYTES_UNFRAGMENTED,
  isEcnEnabled: false,
  keyUpdatePackets: 1 << 20,
  cipherSuites: ['aes-128-gcm', 'chacha20-poly1305'],
};

/** A setting is out of its range; `code` is `invalid-config`. */
export class InvalidConfigError extends Error {
  readonly code = 'invalid-config';

  constructor(name: string, expected: string, actual: unknown) {
    super(`rudp setting ${name}: expected ${expected}, found ${String(actual)}`);
    this.name = 'InvalidConfigError';
  }
}

/** Fills in defaults and checks ranges; throws `InvalidConfigError`. */
export function parseConfig(partial: Partial<RudpConfig> = {}): RudpConfig {
  const config = { ...DEFAULT_CONFIG, ...partial };
  const atLeast = (name: keyof RudpConfig, minimum: number): void => {
    const value = config[name];
    if (typeof value !== 'number' || !(value >= minimum)) {
      throw new InvalidConfigError(name, `a number of at least ${minimum}`, value);
    }
  };
  if (!CONGESTION_CONTROLLER_NAMES.includes(config.congestionController)) {
    const names = CONGESTION_CONTROLLER_NAMES.join(', ');
    throw new InvalidConfigError('congestionController', `one of ${names}`, config.congestionController);
  }
  atLeast('fixedWindowPackets', 1);
  atLeast('initialRttMs', 1);
  atLeast('handshakeTimeoutMs', 1);
  atLeast('idleTimeoutMs', 1);
  atLeast('keepAliveMs', 0);
  atLeast('ackDelayMsMax', 0);
  atLeast('receiveWindowBytesInitial', RECEIVE_WINDOW_BYTES_MIN);
  atLeast('receiveWindowBytesMax', config.receiveWindowBytesInitial);
  atLeast('receiveBytesPerSecondMax', 1);
  atLeast('sendBufferBytesMax', 16_384);
  atLeast('datagramBytesMax', DATAGRAM_BYTES_BASE);
  atLeast('keyUpdatePackets', 1);
  if (config.keyUpdatePackets > KEY_UPDATE_PACKETS_MAX)
    throw new InvalidConfigError(
      'keyUpdatePackets',
      `at most ${KEY_UPDATE_PACKETS_MAX}`,
      config.keyUpdatePackets,
    );
  if (config.cipherSuites.length === 0)
    throw new InvalidConfigError('cipherSuites', 'at least one cipher', '[]');
  return config;
}
