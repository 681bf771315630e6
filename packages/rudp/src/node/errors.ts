import { type ConnectionEnd, RejectCode } from '../core/index.ts';
import { INSECURE_VERSION } from '../core/packets/packet.ts';

/** Why a connection or a socket of this package failed. */
export type RudpErrorCode =
  /** No answer to the handshake: nobody listens there, or UDP is blocked on the way. */
  | 'handshake-timeout'
  /** The system says that nothing listens on that port or that there is no way to that host. */
  | 'unreachable'
  /** The listener turned us away: unknown or used pre-shared key, or no version or cipher in common. */
  | 'refused'
  /** The listener is not the one that was asked for: it has proved another long-term key than `serverIdentity`, or none. */
  | 'identity-mismatch'
  /** The peer was there and has been silent for the idle timeout. */
  | 'idle-timeout'
  /** The peer ended the connection with RESET; `resetCode` and `resetReason` say why. */
  | 'reset'
  /** A connection over TLS broke: the peer is gone, or something on the way cut the line. */
  | 'disconnected'
  /** The peer no longer knows the connection: it has restarted, or had given the connection up. */
  | 'forgotten'
  /** The peer broke a rule of the protocol. */
  | 'protocol-violation'
  /** The endpoint under the connection was closed, or it stopped because of a bug; see `cause`. */
  | 'endpoint-closed'
  /** The name of the host could not be resolved. */
  | 'host-not-found'
  /** The socket could not be opened: address in use, not ours, or not permitted. */
  | 'socket-failed'
  /** A positional sink threw; `cause` is what it threw. */
  | 'sink-failed'
  /** A source of `sendFrom` threw; `cause` is what it threw. */
  | 'source-failed';

/** The one error class of this package; `code` says what happened, `cause` what was underneath. */
export class RudpError extends Error {
  readonly code: RudpErrorCode;
  /** The code of a RESET or of a refusal. */
  readonly resetCode: number | undefined;
  /** The words that came with a RESET; the peer chose them. */
  readonly resetReason: string | undefined;

  constructor(
    code: RudpErrorCode,
    message: string,
    details: { cause?: unknown; resetCode?: number; resetReason?: string } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'RudpError';
    this.code = code;
    this.resetCode = details.resetCode;
    this.resetReason = details.resetReason;
  }
}

/** The error that a user of the connection gets for its end; undefined for the ends that are no failure. */
export function errorFromEnd(end: ConnectionEnd): RudpError | undefined {
  switch (end.kind) {
    case 'finished':
    case 'reset-locally':
      return undefined;
    case 'handshake-timed-out':
      return new RudpError(
        'handshake-timeout',
        'no answer to the handshake: nobody listens there, or udp is blocked on the way',
      );
    case 'idle-timed-out':
      return new RudpError('idle-timeout', 'the peer fell silent and the idle timeout has passed');
    case 'refused':
      return new RudpError('refused', refusalText(end), { resetCode: end.code });
    case 'identity-mismatch':
      return new RudpError(
        'identity-mismatch',
        end.seen === undefined
          ? 'the listener did not prove the identity that was asked for: it proved none'
          : `the listener did not prove the identity that was asked for: it is ${Buffer.from(end.seen).toString('base64url')}`,
      );
    case 'reset-by-peer':
      return new RudpError('reset', `the peer reset the connection (code ${end.code}): ${end.reason}`, {
        resetCode: end.code,
        resetReason: end.reason,
      });
    case 'stateless-reset':
      return new RudpError('forgotten', 'the peer no longer knows the connection: it may have restarted');
    case 'protocol-violation':
      return new RudpError('protocol-violation', `the peer broke the protocol: ${end.reason}`, {
        resetCode: end.code,
      });
    case 'endpoint-closed':
      return new RudpError('endpoint-closed', 'the endpoint was closed under the connection');
  }
}

function refusalText({ code, versions }: ConnectionEnd & { kind: 'refused' }): string {
  const refused = 'the listener refused the connection';
  if (code === RejectCode.keyRefused)
    return `${refused} (code ${code}): pre-shared key missing, unknown or used`;
  if (code === RejectCode.handshakeFailed) return `${refused} (code ${code}): no cipher in common`;
  if (code !== RejectCode.versionUnsupported) return `${refused} (code ${code})`;
  const spoken = versions?.map((version) =>
    version === INSECURE_VERSION
      ? 'only connections without packet protection'
      : `version ${version}, whose packets are protected`,
  );
  return `${refused} (code ${code}): it speaks ${spoken?.join(', ') || 'no version'}`;
}
