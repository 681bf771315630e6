import { readFileSync } from 'node:fs';

/** One of the two ends of a measurement; data flows from the sender to the receiver. */
export type Side = 'sender' | 'receiver';

/** Where a measurement takes place: an emulated link, or this machine's loopback. */
export interface Place {
  /** What the results call it. */
  readonly name: string;
  readonly rateMbps: number;
  readonly roundTripMs: number;
  readonly host: Readonly<Record<Side, string>>;
  /** The command line that runs a command on a side. */
  commandOn(side: Side, command: readonly string[]): readonly string[];
  /** Bytes that the sender's side has put on the wire so far; undefined where nobody counts. */
  bytesOnWire(): number | undefined;
  /**
   * Sets the congestion control of kernel TCP on both sides, that of the machine where no name is given; false where it cannot
   * be set.
   */
  useCongestionControl(name: string | undefined): boolean;
}

/** Both ends on this machine, without any link in between. */
export const loopback: Place = {
  name: 'loopback',
  rateMbps: 0,
  roundTripMs: 0,
  host: { sender: '127.0.0.1', receiver: '127.0.0.1' },
  commandOn: (_, command) => command,
  bytesOnWire: () => undefined,
  // The machine's own setting is not ours to change.
  useCongestionControl: (name) => name === undefined || systemCongestionControl() === name,
};

/** What kernel TCP of this machine uses; undefined where it does not say. */
export function systemCongestionControl(): string | undefined {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim();
  } catch {
    return undefined;
  }
}
