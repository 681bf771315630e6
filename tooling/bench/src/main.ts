import { benchmarkUsage, parseBenchmarkOptions, printLine, runBenchmark } from './benchmark.ts';
import { loopback } from './link/place.ts';
import { describeMachine } from './machine.ts';

const usage = `usage: npm run bench -- [options]

Streams from one process to another over this machine's loopback. Figures on a shared machine are noise: quote ratios of one run.
${benchmarkUsage}`;

try {
  const options = parseBenchmarkOptions(process.argv.slice(2), 'parley,tcp,tls');
  if (options === 'help') process.stdout.write(usage);
  else if (options.profile !== undefined)
    throw new Error('--profile needs an emulated link: npm run bench:link');
  else {
    printLine(describeMachine(options.modulesFolder));
    if (!(await runBenchmark(loopback, options, printLine))) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
