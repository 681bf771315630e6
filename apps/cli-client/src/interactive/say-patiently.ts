import { setTimeout } from 'node:timers/promises';
import { ClientError, type ParleyClient } from '@parley/client-core';

/** Refusals that only want the client to wait. */
const WAITS: readonly string[] = ['rate-limited', 'slow-mode'];

/** A server that does not say when to try again is given a second. */
const RETRY_AFTER_MS = 1_000;

/**
 * Says a line of a script, again and again where the server wants to be asked more slowly: none is to be lost. Whoever
 * interrupts the script does not wait for its turn, nor does anybody when the session is over.
 */
export async function sayPatiently(
  client: ParleyClient,
  text: string,
  room: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const isOver = () => signal.aborted || client.end !== undefined;
  while (!isOver()) {
    try {
      await client.say(text, room);
      return;
    } catch (error) {
      if (!(error instanceof ClientError) || !WAITS.includes(error.code)) throw error;
      // The session may have ended with the refusal.
      if (!isOver()) await pause(error.retryAfterMs ?? RETRY_AFTER_MS, client, signal);
    }
  }
}

/** Waits so long, or until there is nothing to wait for any more. */
async function pause(durationMs: number, client: ParleyClient, signal: AbortSignal): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  client.once('closed', stop);
  signal.addEventListener('abort', stop);
  await setTimeout(durationMs, undefined, { signal: controller.signal }).catch(() => undefined);
  signal.removeEventListener('abort', stop);
  client.off('closed', stop);
}
