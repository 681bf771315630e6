import type { ClientMessage } from '@parley/protocol';
import type { ClientError } from './errors.ts';
import type { ClientEffect, ClientNotification } from './events.ts';

/** Collects what one event causes, in order. The parts of a client share one. */
export class EffectSink {
  #effects: ClientEffect[] = [];

  push(effect: ClientEffect): void {
    this.#effects.push(effect);
  }

  send(message: ClientMessage): void {
    this.push({ type: 'send', message });
  }

  notify(notification: ClientNotification): void {
    this.push({ type: 'notify', notification });
  }

  succeed(commandId: number, result: unknown): void {
    this.push({ type: 'command-succeeded', commandId, result });
  }

  fail(commandId: number, error: ClientError): void {
    this.push({ type: 'command-failed', commandId, error });
  }

  /** Gives what was collected, and begins anew. */
  drain(): ClientEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
