#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { Interruption } from './interruption.ts';

// A terminal client makes a lot of small garbage for days. Left to itself V8 lets it grow to hundreds of megabytes before
// it collects any; with a small young generation it stays below a hundred, and collects more often for it.
setFlagsFromString('--max-semi-space-size=1');
setFlagsFromString('--optimize-for-size');

// Loading the rest takes a while on a busy machine: whoever interrupts that is heard, too.
const interruption = new Interruption(process);
let isOver = false;
process.once('beforeExit', () => {
  if (isOver) return;
  // Nothing is left to wait for, and something still waits: nobody should have to guess what became of the work.
  process.stderr.write('parley: ended in the middle of its work, which is a mistake of this program\n');
  process.exit(1);
});
const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2), interruption);
isOver = true;
