import { formatAddress } from '@parley/netsim';
import { parseCommandLine, usage } from './command-line.ts';
import { type RelayOptions, startRelay } from './relay.ts';

async function run(options: RelayOptions): Promise<void> {
  const relay = await startRelay(options);
  const route = `${formatAddress(relay.address)} -> ${formatAddress(options.target)}`;
  process.stdout.write(`relaying ${route} seed=${options.seed}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
  });
  process.stdout.write(`${JSON.stringify(relay.statistics())}\n`);
  await relay.close();
}

try {
  const options = parseCommandLine(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else await run(options);
} catch (error) {
  process.stderr.write(`relay: ${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 1;
}
