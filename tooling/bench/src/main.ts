import { runMain } from '@parley/programs';
import { benchmarkUsage, parseBenchmarkOptions, runBenchmark } from './benchmark.ts';
import { printLine } from './json-lines.ts';
import { loopback } from './link/place.ts';
import { startVethPair, VETH_PROFILES } from './link/veth-pair.ts';
import { describeMachine } from './machine.ts';

const usage = `usage: npm run bench -- [options]

Streams from one process to another on this machine. Figures on a shared machine are noise: quote ratios of one run.
  --profile P     loopback (default); veth: an Ethernet of 1,500 bytes between two network namespaces; veth-cut: the same, where
                  trains of packets are cut before it as a network card would. Both need Linux, root and iproute2
${benchmarkUsage}`;

async function run(args: readonly string[]): Promise<void> {
  const options = parseBenchmarkOptions(args, 'parley,tcp,tls');
  printLine(describeMachine(options.modulesFolder));
  const { profile = 'loopback' } = options;
  if (profile === 'loopback') {
    if (!(await runBenchmark(loopback, options, printLine))) process.exitCode = 1;
    return;
  }
  const name = VETH_PROFILES.find((one) => one === profile);
  if (name === undefined)
    throw new Error(
      `expected --profile loopback, ${VETH_PROFILES.join(' or ')}, got ${profile}: others are for npm run bench:link`,
    );
  const pair = startVethPair(name);
  try {
    if (!(await runBenchmark(pair, options, printLine))) process.exitCode = 1;
  } finally {
    pair.stop();
  }
}

await runMain({ name: 'bench', usage }, run);
