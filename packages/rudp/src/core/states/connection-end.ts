import { MalformedPacketError } from '../structures/byte-reader.ts';

/** Every way that a connection ends. */
export type ConnectionEnd =
  /** Both sides sent FIN and both were acknowledged: all bytes arrived in both directions. */
  | { readonly kind: 'finished' }
  /** No handshake within `handshakeTimeoutMs`: nobody listens there, or UDP is blocked. */
  | { readonly kind: 'handshake-timed-out' }
  /** Nothing authentic arrived for the idle timeout. */
  | { readonly kind: 'idle-timed-out' }
  /** The listener turned the SYN away; `code` is a `RejectCode`, `versions` what it speaks when that is the trouble. */
  | { readonly kind: 'refused'; readonly code: number; readonly versions?: readonly number[] }
  /** The server has proved another long-term key (`seen`) than the one that was asked for, or none. No stream byte has moved. */
  | { readonly kind: 'identity-mismatch'; readonly seen?: Uint8Array }
  /** The peer sent RESET. */
  | { readonly kind: 'reset-by-peer'; readonly code: number; readonly reason: string }
  /** The peer no longer knows the connection: it has restarted, or had given it up. */
  | { readonly kind: 'stateless-reset' }
  /** `reset()` was called here. */
  | { readonly kind: 'reset-locally'; readonly code: number; readonly reason: string }
  /** The peer broke a rule of the protocol; it was told so by a RESET with `code`. */
  | { readonly kind: 'protocol-violation'; readonly code: number; readonly reason: string }
  /** The driver of the endpoint stopped under the connection; the core itself resets what is open when it is closed. */
  | { readonly kind: 'endpoint-closed' };

/** Codes of a RESET that the transport itself sends; applications use 0x100 and above. */
export const ResetCode = {
  malformedPacket: 1,
  flowControlExceeded: 2,
  finalSizeChanged: 3,
  unsentPacketAcknowledged: 4,
  endpointClosed: 5,
  keyLimitReached: 6,
} as const;

/** Lowest code that an application may give to `reset()`. */
export const APPLICATION_RESET_CODE_MIN = 0x100;

/** The peer broke a rule: caught by the connection, which resets itself with `resetCode`. */
export class ProtocolViolationError extends Error {
  readonly code = 'protocol-violation';
  readonly resetCode: number;

  constructor(resetCode: number, message: string) {
    super(message);
    this.name = 'ProtocolViolationError';
    this.resetCode = resetCode;
  }
}

/** What a RESET frame says. */
export interface Reset {
  readonly code: number;
  readonly reason: string;
}

/** What the peer is told of an error that it caused; undefined for a bug of ours. */
export function faultOf(error: unknown): Reset | undefined {
  if (error instanceof MalformedPacketError)
    return { code: ResetCode.malformedPacket, reason: error.message };
  if (error instanceof ProtocolViolationError) return { code: error.resetCode, reason: error.message };
  return undefined;
}

/** The peer has not let us change a key that has sealed all that it may. */
// RUDP-KEY-8
export const KEY_LIMIT_END = {
  kind: 'protocol-violation',
  code: ResetCode.keyLimitReached,
  reason: 'the peer does not let the keys change',
} as const;
