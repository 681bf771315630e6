#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { run } from './run.ts';

// A terminal client makes a lot of small garbage for days. Left to itself V8 lets it grow to hundreds of megabytes before
// it collects any; with a small young generation it stays below a hundred, and collects more often for it.
setFlagsFromString('--max-semi-space-size=1');
setFlagsFromString('--optimize-for-size');

process.exitCode = await run(process.argv.slice(2));
