import { setTimeout as sleep } from 'node:timers/promises';
import { createParleyClient, type ParleyClient } from '@parley/client-core';
import { percentiles } from '../statistics.ts';
import { runLoad } from './load.ts';

/** Before the first line and after the last one. */
const SETTLE_MS = 1000;

/*
 * People who chat, all in one process and so on one clock. Each says something every INTERVAL ms, at times that were fixed before: a
 * server that falls behind cannot slow its own measurement down. The latency of a delivery counts from the time that was fixed.
 *   chat-load HOST PORT CLIENTS INTERVAL SECONDS
 */
await runLoad(async ([host = '', port, clientCount, intervalMs, seconds]) => {
  const latenciesMs: number[] = [];
  const clients = await Promise.all(
    Array.from({ length: Number(clientCount) }, (_, index) => join({ host, port: Number(port) }, index)),
  );
  for (const client of clients) {
    client.on('message', ({ message }) => {
      const saidAt = Number(message.text?.split(' ')[0]);
      if (saidAt > 0) latenciesMs.push(performance.now() - saidAt);
    });
  }
  process.stdout.write('READY\n');
  const startAt = performance.now() + SETTLE_MS;
  const talks = clients.map((client, index) =>
    talk(client, {
      firstAt: startAt + (index * Number(intervalMs)) / clients.length,
      intervalMs: Number(intervalMs),
      until: startAt + Number(seconds) * 1000,
    }),
  );
  const saidCount = (await Promise.all(talks)).reduce((sum, count) => sum + count, 0);
  await sleep(SETTLE_MS);
  // Everybody hears every line, the own ones included.
  const deliveriesDue = saidCount * clients.length;
  const [p50Ms, p99Ms, maxMs] = percentiles(latenciesMs, [0.5, 0.99, 1]);
  return { deliveries: latenciesMs.length, deliveriesDue, p50Ms, p99Ms, maxMs };
});

async function join(server: { host: string; port: number }, index: number): Promise<ParleyClient> {
  const client = createParleyClient({ ...server, downloadFolder: '.' });
  await client.connect();
  await client.register(`talker${index}`);
  return client;
}

/** Says a line at each of its times; gives their count. */
async function talk(
  client: ParleyClient,
  { firstAt, intervalMs, until }: { firstAt: number; intervalMs: number; until: number },
): Promise<number> {
  let count = 0;
  for (let dueAt = firstAt; dueAt < until; dueAt += intervalMs) {
    await sleep(Math.max(0, dueAt - performance.now()));
    void client.say(`${dueAt} ${'and so on '.repeat(5)}`);
    count += 1;
  }
  return count;
}
