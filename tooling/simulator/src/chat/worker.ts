import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerAnswer, WorkerTask } from '../worker-messages.ts';
import { drawChatPlan } from './plan/draw-plan.ts';
import { ChatRun } from './run.ts';

const { traceFolder } = workerData as { traceFolder: string | undefined };

parentPort?.on('message', ({ seed }: WorkerTask) => {
  const run = new ChatRun(drawChatPlan(seed), { isTraced: traceFolder !== undefined });
  const { violations, simulatedMs, tallies, lines } = run.execute();
  const files = traceFolder === undefined ? [] : [writeTrace(traceFolder, seed, lines)];
  parentPort?.postMessage({ seed, violations, simulatedMs, tallies, files } satisfies WorkerAnswer);
});

function writeTrace(folder: string, seed: number, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `chat-seed-${seed}.log`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
