import { formatAddress } from '@parley/netsim';
import { runMain } from '@parley/programs';
import { type CommandLine, parseCommandLine, usage } from './command-line.ts';
import { startRelay } from './relay.ts';

async function run(options: CommandLine): Promise<void> {
  const relay = await startRelay(options);
  const route = `${formatAddress(relay.address)} -> ${formatAddress(options.target)}`;
  process.stdout.write(`relaying ${route} seed=${options.seed}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
  });
  process.stdout.write(`${JSON.stringify(relay.statistics())}\n`);
  await relay.close();
}

await runMain({ name: 'relay', usage, handlesSignals: true }, (args) => run(parseCommandLine(args)));
