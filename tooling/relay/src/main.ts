import { formatAddress } from '@parley/netsim';
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

try {
  const options = parseCommandLine(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else await run(options);
} catch (error) {
  process.stderr.write(`relay: ${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 1;
}
