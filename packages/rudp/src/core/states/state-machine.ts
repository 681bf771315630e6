import type { ConnectionObserver } from '../observer.ts';
import { stepOf } from '../structures/state-table.ts';
import {
  CONNECTION_STATE_TABLE,
  type ConnectionState,
  type ConnectionStateEvent,
} from './connection-state.ts';

/** The state of one connection: it moves by the table only. */
export class StateMachine {
  readonly #observer: ConnectionObserver | undefined;
  #current: ConnectionState;

  constructor(initial: ConnectionState, observer: ConnectionObserver | undefined) {
    this.#current = initial;
    this.#observer = observer;
  }

  get current(): ConnectionState {
    return this.#current;
  }

  /** The table has a step on `event` from here. */
  allows(event: ConnectionStateEvent): boolean {
    return CONNECTION_STATE_TABLE[this.#current][event] !== undefined;
  }

  step(now: number, event: ConnectionStateEvent): void {
    const from = this.#current;
    const next = stepOf(CONNECTION_STATE_TABLE, from, event);
    this.#current = next;
    this.#observer?.onStateUpdated(now, from, next);
  }
}
