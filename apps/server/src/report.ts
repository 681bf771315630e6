import type { ServerStatistics } from '@parley/server-core';
import type { Logger } from 'pino';

/** Writes into the log what the server holds, and how much memory it takes, whenever SIGUSR2 comes. */
export function reportOnSignal(options: {
  readonly logger: Logger;
  readonly statistics: () => ServerStatistics;
  readonly process: Pick<NodeJS.Process, 'on' | 'memoryUsage'>;
}): void {
  const { logger, statistics, process } = options;
  process.on('SIGUSR2', () => {
    const { rss, heapUsed } = process.memoryUsage();
    logger.info({ ...statistics(), rssBytes: rss, heapBytes: heapUsed }, 'statistics');
  });
}
