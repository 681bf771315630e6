import { execFileSync } from 'node:child_process';
import type { Relay } from '@parley/relay';

/** Counts what came over the wire to the client. */
export interface WireCounter {
  /** Bytes so far, those of headers included. */
  bytes(): number;
}

/** Counts what a relay let through. */
export function relayCounter(relay: Relay): WireCounter {
  return { bytes: () => relay.statistics().fromTarget.bytesDelivered };
}

/** Where nothing can be counted. */
export const noCounter: WireCounter = { bytes: () => 0 };

/** Counts what arrived in a network namespace, on all interfaces but loopback. */
export function namespaceCounter(prefix: readonly string[]): WireCounter {
  const [program = 'cat', ...args] = [...prefix, 'cat', '/proc/net/dev'];
  return {
    bytes: () => {
      let bytes = 0;
      for (const line of execFileSync(program, args, { encoding: 'utf8' }).split('\n')) {
        const [name, figures] = line.split(':');
        if (figures === undefined || name?.trim() === 'lo') continue;
        bytes += Number(figures.trim().split(/\s+/)[0]);
      }
      return bytes;
    },
  };
}
