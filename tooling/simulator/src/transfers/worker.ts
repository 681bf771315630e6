import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerAnswer, WorkerTask } from '../worker-messages.ts';
import { drawTransferPlan } from './plan/draw-plan.ts';
import { TransferRun } from './run.ts';

const { traceFolder } = workerData as { traceFolder: string | undefined };

parentPort?.on('message', ({ seed }: WorkerTask) => void play(seed));

async function play(seed: number): Promise<void> {
  const run = new TransferRun(drawTransferPlan(seed), { isTraced: traceFolder !== undefined });
  const { violations, simulatedMs, tallies, lines } = await run.execute();
  const files = traceFolder === undefined ? [] : [writeTrace(traceFolder, seed, lines)];
  parentPort?.postMessage({ seed, violations, simulatedMs, tallies, files } satisfies WorkerAnswer);
}

function writeTrace(folder: string, seed: number, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `transfers-seed-${seed}.log`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
