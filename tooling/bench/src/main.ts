import { benchmarkUsage, parseBenchmarkOptions, runBenchmark } from './benchmark.ts';
import { loopback } from './link/place.ts';

const usage = `usage: npm run bench -- [options]

Streams from one process to another over this machine's loopback. Figures on a shared machine are noise: quote ratios of one run.
${benchmarkUsage}`;

try {
  const options = parseBenchmarkOptions(process.argv.slice(2), 'parley,tcp');
  if (options === 'help') process.stdout.write(usage);
  else if (options.profile !== undefined)
    throw new Error('--profile needs an emulated link: npm run bench:link');
  else if (!(await runBenchmark(loopback, options))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
