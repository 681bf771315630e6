import { performance } from 'node:perf_hooks';
import { Stage } from './stage.ts';
import { showEverything } from './story.ts';
import { paint, print, Tour } from './tour.ts';

// Far above what the tour needs on a slow machine: a hung program must not hang the tour.
const LIMIT_MS = 240_000;

async function main(): Promise<void> {
  const startedAtMs = performance.now();
  const stage = await Stage.open();
  const tour = new Tour();
  const leave = (code: number) => void stage.clear().finally(() => process.exit(code));
  process.once('SIGINT', () => leave(130)).once('SIGTERM', () => leave(143));
  // Whoever read along has gone: nothing more can be shown, but everything has to be put away.
  process.stdout.on('error', () => leave(1));
  const alarm = setTimeout(() => {
    process.stderr.write(`demo: gave up after ${LIMIT_MS / 1000} s\n`);
    leave(1);
  }, LIMIT_MS);
  try {
    await showEverything(stage, tour);
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    print(`\n${paint('green', `all ${tour.stepCount} steps showed what they should`)} in ${seconds} s`);
  } finally {
    clearTimeout(alarm);
    await stage.clear();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
