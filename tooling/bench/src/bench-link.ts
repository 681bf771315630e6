import { runMain } from '@parley/programs';
import { benchmarkUsage, parseBenchmarkOptions, runBenchmark } from './benchmark.ts';
import { printLine } from './json-lines.ts';
import { startEmulatedLink } from './link/emulated-link.ts';
import { NAMED_PROFILES, parseProfile } from './link/profile.ts';
import { describeMachine } from './machine.ts';

const usage = `usage: npm run bench:link -- [--profile rate=100,rtt=50,loss=1] [options]

Streams over an emulated link between two network namespaces. Needs Linux, root, /dev/net/tun, iproute2 and a C compiler.
  --profile P     ${Object.keys(NAMED_PROFILES).join(', ')}, and/or key=value:
                  rate (Mbit/s) rtt (ms) loss, bothloss, dup, reorder, corrupt (%) queue (bytes, "20ms", "1bdp")
                  jitter, hold (ms) ge (p,r,b,g) outage (s,s) mtu (bytes) seed
${benchmarkUsage}`;

async function run(args: readonly string[]): Promise<void> {
  const options = parseBenchmarkOptions(args, 'parley,tcp-cubic,tcp-bbr');
  const link = await startEmulatedLink(parseProfile(options.profile ?? 'rate=100,rtt=50,loss=1'));
  try {
    printLine(describeMachine(options.modulesFolder));
    if (!(await runBenchmark(link, options, printLine))) process.exitCode = 1;
  } finally {
    const { dropped } = (await link.stop()).a_to_b;
    if (dropped.tun + dropped.pool > 0) {
      process.stderr.write(`distrust this run: the emulator missed ${dropped.tun + dropped.pool} packets\n`);
      process.exitCode = 1;
    }
  }
}

await runMain({ name: 'bench:link', usage }, run);
