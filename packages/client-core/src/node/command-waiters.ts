import type { ClientError } from '../domain/errors.ts';
import type { ClientEffect } from '../domain/events.ts';

interface Waiter {
  readonly resolve: (result: never) => void;
  readonly reject: (error: ClientError) => void;
}

/** The promises of those who gave commands. */
export class CommandWaiters {
  readonly #waiters = new Map<number, Waiter>();
  #lastId = 0;

  /** Gives a command its number; the promise is settled with what becomes of it. */
  add<Result>(begin: (commandId: number) => void): Promise<Result> {
    this.#lastId += 1;
    const commandId = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiters.set(commandId, { resolve, reject });
      begin(commandId);
    });
  }

  settle(effect: Extract<ClientEffect, { type: 'command-succeeded' | 'command-failed' }>): void {
    const waiter = this.#waiters.get(effect.commandId);
    this.#waiters.delete(effect.commandId);
    if (effect.type === 'command-failed') waiter?.reject(effect.error);
    else waiter?.resolve(effect.result as never);
  }
}
