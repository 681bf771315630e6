import type { GoodbyeCode } from '@parley/protocol';
import type { ClientError } from '../errors.ts';

/** What went wrong with the connection, as its owner saw it. */
export type ConnectionTrouble =
  /** The server closed the connection without a goodbye. */
  | { readonly kind: 'ended-by-peer' }
  /** The connection could not be made. `code` is the system's (`ECONNREFUSED`, `ENOTFOUND`…). */
  | { readonly kind: 'connect-failed'; readonly code: string; readonly message: string }
  /** The server turned us away before there was a connection; nobody vouches for it. */
  | {
      readonly kind: 'turned-away';
      readonly code: GoodbyeCode;
      readonly message: string;
      readonly reconnectAfterMs: number;
    }
  /** The server is not, or may not be, the one that was meant; nothing was sent to it. */
  | {
      readonly kind: 'untrusted';
      readonly reason: 'unknown' | 'changed';
      readonly message: string;
      readonly fingerprint: string;
    }
  /** The connection broke. */
  | { readonly kind: 'broken'; readonly code: string; readonly message: string }
  /** What arrived is not the Parley protocol. */
  | { readonly kind: 'not-parley'; readonly message: string };

/** Every way a session ends; each has one. */
export type SessionEnd =
  /** We left, and the server said goodbye (or did not bother to). */
  | { readonly kind: 'left' }
  /** We gave the connection up without a word. */
  | { readonly kind: 'abandoned' }
  /** The server ended it and said why. `reconnectAfterMs` is there when coming back is welcome. */
  | {
      readonly kind: 'goodbye';
      readonly code: GoodbyeCode;
      readonly message: string;
      readonly reconnectAfterMs: number | undefined;
    }
  /** The nickname belongs to somebody else now. */
  | { readonly kind: 'nickname-lost'; readonly message: string }
  /** There was no connection to begin with. */
  | { readonly kind: 'connect-failed'; readonly code: string; readonly message: string }
  /** The server is not, or may not be, the one that was meant. Coming back changes nothing until somebody decides. */
  | {
      readonly kind: 'untrusted-server';
      readonly reason: 'unknown' | 'changed';
      readonly message: string;
      /** What it showed. */
      readonly fingerprint: string;
    }
  /** The server accepted the connection and then did not answer `hello`. */
  | { readonly kind: 'hello-timed-out' }
  /** The connection broke, or was closed without a goodbye. */
  | { readonly kind: 'connection-lost'; readonly message: string }
  /** Nothing came from the server for too long. */
  | { readonly kind: 'server-silent'; readonly silentMs: number }
  /** The other side does not speak the Parley protocol, or broke its rules. */
  | { readonly kind: 'protocol-violation'; readonly message: string };

/** A sentence for people about how a session ended. Holds the server's own words: sanitise before showing. */
export function describeSessionEnd(end: SessionEnd): string {
  switch (end.kind) {
    case 'left':
      return 'you left';
    case 'abandoned':
      return 'the connection was given up';
    case 'goodbye':
      return `the server ended the connection (${end.code})${end.message === '' ? '' : `: ${end.message}`}`;
    case 'nickname-lost':
      return `the connection was lost and the nickname with it: ${end.message}`;
    case 'connect-failed':
    case 'untrusted-server':
      return end.message;
    case 'hello-timed-out':
      return 'the server accepted the connection but did not answer: is it a Parley server?';
    case 'connection-lost':
      return `the connection was lost: ${end.message}`;
    case 'server-silent':
      return `the connection was lost: nothing came from the server for ${Math.round(end.silentMs / 1000)} s`;
    case 'protocol-violation':
      return `the server does not speak the Parley protocol as expected: ${end.message}`;
  }
}

/** The session's end that follows from trouble with the connection. */
export function endFromTrouble(trouble: ConnectionTrouble): SessionEnd {
  switch (trouble.kind) {
    case 'ended-by-peer':
      return { kind: 'connection-lost', message: 'the server closed it without a goodbye' };
    case 'connect-failed':
      return { kind: 'connect-failed', code: trouble.code, message: trouble.message };
    case 'turned-away':
      return { ...trouble, kind: 'goodbye' };
    case 'untrusted':
      return { ...trouble, kind: 'untrusted-server' };
    case 'broken':
      return { kind: 'connection-lost', message: trouble.message };
    case 'not-parley':
      return { kind: 'protocol-violation', message: trouble.message };
  }
}

/** What it means for a session that the server did not let it come back, or has been silent for so long. */
export function endOfReturn(error: ClientError, silentMs: number): SessionEnd {
  // A server that is slow has not given the nickname to anybody else.
  if (error.code === 'request-timed-out') return { kind: 'server-silent', silentMs };
  // Many may come back at once: who is asked to wait has not lost anything.
  const kind = error.retryAfterMs === undefined ? 'nickname-lost' : 'connection-lost';
  return { kind, message: error.message };
}
