import { execFileSync } from 'node:child_process';
import type { Relay } from '@parley/relay';

/** What a line towards the client has carried so far, in bytes, those of headers included. */
interface WireBytes {
  /** What came to its beginning: what its queue had no room for is in it. */
  readonly sent: number;
  readonly arrived: number;
}

/** Counts what is sent to the client, and what arrives. */
export type WireCounter = () => WireBytes;

/** Counts what a relay was given, and what it let through. */
export function relayCounter(relay: Relay): WireCounter {
  return () => {
    const { bytesOffered, bytesDelivered } = relay.statistics().fromTarget;
    return { sent: bytesOffered, arrived: bytesDelivered };
  };
}

/** Where nothing can be counted. */
export const noCounter: WireCounter = () => ({ sent: 0, arrived: 0 });

/** Counts what left one network namespace, and what arrived in another, on all interfaces but loopback. */
export function namespaceCounter(prefixes: {
  readonly server: readonly string[];
  readonly client: readonly string[];
}): WireCounter {
  return () => ({
    sent: interfaceBytes(prefixes.server, 8),
    arrived: interfaceBytes(prefixes.client, 0),
  });
}

/** Sums up a column of `/proc/net/dev`: 0 are bytes received, 8 bytes sent. */
function interfaceBytes(prefix: readonly string[], column: number): number {
  const [program = 'cat', ...args] = [...prefix, 'cat', '/proc/net/dev'];
  let bytes = 0;
  for (const line of execFileSync(program, args, { encoding: 'utf8' }).split('\n')) {
    const [name, figures] = line.split(':');
    if (figures === undefined || name?.trim() === 'lo') continue;
    bytes += Number(figures.trim().split(/\s+/)[column]);
  }
  return bytes;
}
