import type { Address } from './address.ts';
import type { EventOf, SimulatedEndpoint } from './endpoint.ts';
import type { Random } from './random.ts';

/** Settings of one endpoint in a simulation. */
export interface NodeOptions<Event> {
  /** 10.0.0.1:4433, 10.0.0.2:4433 and so on unless told. */
  readonly address?: Address;
  /** Called for each event, in order, outside of the endpoint: commands are welcome here. */
  readonly onEvent?: (event: Event, now: number) => void;
  /** Whether events are kept in `events`, and with them what they speak of; as long as the node lives, unless told. */
  readonly keepsEvents?: boolean;
  /**
   * Datagrams that arrive at the same moment from the same remote come as one buffer of up to this many bytes, as
   * receive offload (GRO) hands them over: all equally long but the last. 0, the default, hands over each by itself.
   */
  readonly coalescedBytesMax?: number;
  /** Timers fire late by a random time from 0 to this, as those of a real program do; 0 unless told. */
  readonly timerLatenessMs?: number;
}

/** An endpoint's place in a simulation. */
export interface SimulatedNode<Endpoint extends SimulatedEndpoint = SimulatedEndpoint> {
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Where others reach it now. */
  readonly address: Address;
  /** Every event so far, if they are kept. */
  readonly events: readonly EventOf<Endpoint>[];
}

/** An endpoint's place in a simulation, as the simulation sees it. */
export interface NodeState {
  readonly name: string;
  readonly endpoint: SimulatedEndpoint;
  readonly events: unknown[];
  readonly onEvent: ((event: never, now: number) => void) | undefined;
  readonly keepsEvents: boolean;
  readonly coalescedBytesMax: number;
  readonly timerLatenessMs: number;
  readonly random: Random;
  /** What the endpoint asked for last, and when it is woken for it. */
  askedDeadlineMs: number | undefined;
  deadlineMs: number;
  pausedUntilMs: number;
}

/** Notes when a node is to be woken. The lateness of a timer is drawn once for each time that is asked for. */
export function arm(node: NodeState, deadlineMs: number | undefined): void {
  if (deadlineMs === node.askedDeadlineMs) return;
  node.askedDeadlineMs = deadlineMs;
  const lateMs = node.timerLatenessMs === 0 ? 0 : node.random.ratio() * node.timerLatenessMs;
  node.deadlineMs = deadlineMs === undefined ? Number.POSITIVE_INFINITY : deadlineMs + lateMs;
}
