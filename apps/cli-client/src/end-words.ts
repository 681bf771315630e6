import { describeSessionEnd, type SessionEnd } from '@parley/client-core';

/** How a session ended, in words for people, with what to do on the command line where that helps. */
export function endWords(end: SessionEnd): string {
  const words = describeSessionEnd(end);
  // CHAT-TLS-3
  if (end.kind === 'connect-failed' && end.code === 'tls-unavailable') {
    return `${words}: it is no Parley server, or one that was started with --insecure; --insecure here too connects, and lets everybody on the way read and change what is said`;
  }
  if (end.kind !== 'goodbye') return words;
  if (end.code === 'tls-required') return `${words} (leave --insecure away)`;
  // CHAT-GOODBYE-2
  if (end.reconnectAfterMs === undefined) return words;
  return `${words} (try again in ${Math.ceil(end.reconnectAfterMs / 1_000)} s)`;
}
