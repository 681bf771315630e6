import type { LinkOptions } from '@parley/netsim';
import type { RudpConfig } from '@parley/rudp';

/** The two sides of every run. */
export type Side = 'client' | 'server';

/** What happens to datagrams on their way to one side, beside what its link does. Ratios are per datagram that arrives. */
export interface ManglingPlan {
  /** A copy of an older datagram arrives as well. */
  readonly replayRatio: number;
  /** The replayed datagram claims to come from somebody else. */
  readonly replayFromElsewhereRatio: number;
  /** The end is cut off. */
  readonly truncateRatio: number;
  /** Its end is replaced by the end of an older datagram. */
  readonly spliceRatio: number;
  /** An older datagram is put in front of it or behind it. */
  readonly coalesceRatio: number;
}

/** How well the program of one side is served by its machine. */
export interface DriverPlan {
  /** Timers fire late by a random time up to this. */
  readonly timerLatenessMs: number;
  /** What the clock says at the start of the run: endpoints do not share one. */
  readonly clockStartMs: number;
  /** Bytes that its socket holds while it is not scheduled. */
  readonly socketBytesMax: number;
  /** After a pause the driver looks at its timers before it looks at its socket. */
  readonly isTimerFirst: boolean;
}

/** Something that happens once, or lasts from a time to another. Times are those of the simulation. */
export type Happening =
  /** The line of one direction becomes another one. */
  | { readonly kind: 'line-change'; readonly atMs: number; readonly to: Side; readonly changes: LinkOptions }
  /** Nothing passes, in one direction or both; what is on its way still arrives. */
  | {
      readonly kind: 'partition';
      readonly atMs: number;
      readonly untilMs: number;
      readonly direction: 'to-client' | 'to-server' | 'both';
    }
  /** The program is not scheduled. */
  | { readonly kind: 'sleep'; readonly atMs: number; readonly untilMs: number; readonly side: Side }
  /** The clock leaps forward, as that of a virtual machine which was suspended. */
  | { readonly kind: 'clock-jump'; readonly atMs: number; readonly side: Side; readonly jumpMs: number }
  /** The process dies without a word and comes back with nothing. */
  | { readonly kind: 'restart'; readonly atMs: number; readonly side: Side }
  /** A NAT gives the client another port, or another network gives it another address. */
  | { readonly kind: 'rebind'; readonly atMs: number; readonly host: string; readonly port: number }
  /** The program closes its endpoint, and goes on with it: every connection of the moment is reset. */
  | { readonly kind: 'endpoint-close'; readonly atMs: number; readonly side: Side }
  /** Genuine SYNs from addresses that do not answer. */
  | { readonly kind: 'syn-flood'; readonly atMs: number; readonly count: number; readonly everyMs: number }
  /** Datagrams that a stranger makes up. */
  | { readonly kind: 'forgery'; readonly atMs: number; readonly count: number; readonly what: Forgery };

/** What a stranger makes up: he may know addresses and connection ids, but no keys. */
export type Forgery =
  /** Random bytes behind random headers. */
  | 'noise'
  /** DATA packets of living connections, from the peer's address. */
  | 'data'
  /** SYN-ACKs for living connections. */
  | 'syn-ack'
  /** REJECTs for living connections: ends handshakes, by design. */
  | 'reject'
  /** SYNs that are damaged, too short, of another version. */
  | 'syn';

/** What the program on one side does with one connection. */
export interface ApplicationPlan {
  readonly sendBytes: number;
  /** A client's program writes before the connection is established. */
  readonly startsEarly: boolean;
  /** Bytes offered to each `write()`. */
  readonly writeBytes: number;
  readonly finishes: 'after-writing' | 'after-reading' | 'after-a-while';
  readonly receives: 'ordered' | 'positional';
  /** Bytes read every 10 ms; Infinity reads what is there. */
  readonly readBytesPer10Ms: number;
  /** `pauseReceiving()` after this time of the connection, for so long. */
  readonly pause: { readonly afterMs: number; readonly forMs: number } | undefined;
  /** `reset()` after this time of the connection. */
  readonly reset: { readonly afterMs: number; readonly code: number } | undefined;
}

/** One connection that the client opens. */
export interface ConnectionPlan {
  readonly openAtMs: number;
  /** What the client brings where pre-shared keys are asked for. */
  readonly key: 'none' | 'right' | 'unknown';
  readonly client: ApplicationPlan;
  readonly server: ApplicationPlan;
}

/** Everything that one run does, drawn from its seed. */
export interface Plan {
  readonly seed: number;
  /** Mild faults only: every connection must end as `finished`. */
  readonly isGentle: boolean;
  readonly crypto: 'insecure' | 'node';
  readonly asksForKeys: boolean;
  /** The server's process finds its reset secret again after a restart. */
  readonly keepsResetSecret: boolean;
  /** A checker looks into every packet, which costs time. */
  readonly looksIntoPackets: boolean;
  readonly links: { readonly toServer: LinkOptions; readonly toClient: LinkOptions };
  readonly mangling: { readonly client: ManglingPlan; readonly server: ManglingPlan };
  readonly drivers: { readonly client: DriverPlan; readonly server: DriverPlan };
  readonly configs: { readonly client: Partial<RudpConfig>; readonly server: Partial<RudpConfig> };
  readonly happenings: readonly Happening[];
  /** From here on the network is perfect but for its rate and its MTU. */
  readonly faultsEndMs: number;
  readonly connections: readonly ConnectionPlan[];
}

/** The other side. */
export function peerOf(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}
