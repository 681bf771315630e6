import { EventEmitter } from 'node:events';
import type { ServerStatistics } from '@parley/server-core';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { reportOnSignal } from '../src/report.ts';

test('SIGUSR2 writes what the server holds into the log, each time', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const process = Object.assign(new EventEmitter(), { memoryUsage: () => ({ rss: 5, heapUsed: 3 }) });
  let sessions = 2;
  reportOnSignal({
    logger,
    statistics: () => ({ sessions, queuedBytes: 7 }) as ServerStatistics,
    process: process as unknown as NodeJS.Process,
  });
  process.emit('SIGUSR2', 'SIGUSR2');
  sessions = 0;
  process.emit('SIGUSR2', 'SIGUSR2');
  expect(lines).toMatchObject([
    { msg: 'statistics', sessions: 2, queuedBytes: 7, rssBytes: 5, heapBytes: 3 },
    { msg: 'statistics', sessions: 0 },
  ]);
});
