import type { Worker } from 'node:worker_threads';

/** A thread that does not close in this time has lost its way: it is stopped. */
const CLOSE_MS_MAX = 4_000;

/**
 * Ends a thread that was asked to close, when that is done (`closed` resolves; it must not reject) or takes longer than 4 seconds. Not sooner: a thread that is in
 * the middle of native code when it is ended takes the whole process with it.
 */
export async function endThread(thread: Pick<Worker, 'terminate'>, closed: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS_MAX);
  });
  await Promise.race([closed, isLate]);
  clearTimeout(timer);
  await thread.terminate();
}
