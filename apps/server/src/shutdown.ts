import type { Logger } from 'pino';

/** How long a stop may take, beside the wait for transfers, before the process ends anyway. */
const STOP_MAX_MS = 5_000;

/**
 * A second signal within this time is taken for the first one: a terminal sends Ctrl-C to the whole group of
 * processes, and npm sends it on to its child once more.
 */
const SAME_SIGNAL_MS = 500;

/** Stops cleanly on SIGINT and SIGTERM, in a bounded time; a second signal ends the process at once. */
export function stopOnSignals(options: {
  readonly logger: Logger;
  readonly stop: () => Promise<void>;
  /** How long `stop` may wait for transfers. */
  readonly drainMaxMs: number;
  readonly process: Pick<NodeJS.Process, 'on' | 'exit'>;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}): void {
  const { logger, stop, drainMaxMs, process, now } = options;
  const stopMaxMs = drainMaxMs + STOP_MAX_MS;
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt !== undefined) {
      if (now() - firstAt < SAME_SIGNAL_MS) return;
      logger.warn({ signal }, 'stopping at once');
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
    firstAt = now();
    logger.info({ signal }, 'stopping; a second signal stops at once');
    const impatience = setTimeout(() => {
      logger.error({ stopMaxMs }, 'stopping took too long');
      process.exit(1);
    }, stopMaxMs);
    stop().then(
      () => {
        clearTimeout(impatience);
        logger.info('stopped');
        process.exit(0);
      },
      (error) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
