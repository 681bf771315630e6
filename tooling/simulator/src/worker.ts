import { parentPort, workerData } from 'node:worker_threads';
import { drawPlan } from './plan/draw-plan.ts';
import { Recording } from './report/recording.ts';
import { Run } from './run.ts';
import type { WorkerAnswer, WorkerTask } from './worker-messages.ts';

const { traceFolder } = workerData as { traceFolder: string | undefined };

// One seed in, one answer out: whoever asks notices a seed that never comes back.
parentPort?.on('message', ({ seed }: WorkerTask) => {
  const recording = traceFolder === undefined ? undefined : new Recording();
  const { violations, simulatedMs, ends } = new Run(drawPlan(seed), recording).execute();
  const files = traceFolder === undefined ? [] : (recording?.write(traceFolder) ?? []);
  parentPort?.postMessage({ seed, violations, simulatedMs, tallies: ends, files } satisfies WorkerAnswer);
});
