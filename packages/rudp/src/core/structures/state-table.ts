import { invariant } from './invariant.ts';

/** For each state the events that move it, and where to. What is not in the table does not happen. */
// RUDP-STATE-2
export type StateTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>;

/** The state after `event`; a step that the table does not have is a bug. */
export function stepOf<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  state: State,
  event: Event,
): State {
  const next: State | undefined = table[state][event];
  invariant(next !== undefined, `no step from ${state} on ${event}`);
  return next;
}
