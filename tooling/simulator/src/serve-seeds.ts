import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerAnswer, WorkerTask } from './worker-messages.ts';

/** What a run gives, beside the lines of its trace. */
type Outcome = Omit<WorkerAnswer, 'seed' | 'files'> & { readonly lines: readonly string[] };

/** What a worker is whose runs have one log as their trace, `NAME-seed-N.log`: answers each task. */
export function serveSeeds(
  name: string,
  play: (seed: number, options: { readonly isTraced: boolean }) => Outcome | Promise<Outcome>,
): void {
  const { traceFolder } = workerData as { traceFolder: string | undefined };
  const answer = async (seed: number) => {
    const { violations, simulatedMs, tallies, lines } = await play(seed, {
      isTraced: traceFolder !== undefined,
    });
    const files =
      traceFolder === undefined ? [] : [writeTrace(traceFolder, `${name}-seed-${seed}.log`, lines)];
    parentPort?.postMessage({ seed, violations, simulatedMs, tallies, files } satisfies WorkerAnswer);
  };
  parentPort?.on('message', ({ seed }: WorkerTask) => void answer(seed));
}

function writeTrace(folder: string, file: string, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, file);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
