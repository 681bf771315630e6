import { Program, runMain } from '@parley/programs';
import { startEmulatedLink } from './link/emulated-link.ts';
import type { Side } from './link/place.ts';
import { parseProfile } from './link/profile.ts';

const usage = `usage: node tooling/bench/src/with-link.ts PROFILE -- COMMAND ...
       node tooling/bench/src/with-link.ts PROFILE -- SERVER ... ::: CLIENT ...

Puts an emulated link up, runs the command, takes the link down and prints what it counted.
COMMAND runs where it is and finds the link's two sides as namespaces: ip netns exec parley-a (10.77.0.1), parley-b (10.77.0.2).
SERVER runs in parley-a, CLIENT in parley-b; loss=N hits the way from the server to the client, as in a download.
PROFILE is that of npm run bench:link.
`;

/** A server that takes longer to end is killed. */
const END_MS_MAX = 5_000;

async function run(args: readonly string[]): Promise<void> {
  const [profile, separator, ...words] = args;
  if (profile === undefined || separator !== '--' || words.length === 0)
    throw new Error('expected PROFILE -- COMMAND: --help tells more');
  const split = words.indexOf(':::');
  const link = await startEmulatedLink(parseProfile(profile));
  const start = (side: Side | undefined, command: readonly string[]) =>
    new Program(side === undefined ? command : link.commandOn(side, command), { isAttached: true });
  const server = split < 0 ? undefined : start('sender', words.slice(0, split));
  const client = split < 0 ? start(undefined, words) : start('receiver', words.slice(split + 1));
  // The client ends as it does when it is told to; then the rest is put away.
  const forward = (signal: NodeJS.Signals) => client.signal(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  try {
    const { code } = await client.end;
    if (client.complaints !== '') throw new Error(client.complaints);
    process.exitCode = code ?? 1;
  } finally {
    await server?.stop(END_MS_MAX);
    process.stderr.write(`${JSON.stringify(await link.stop())}\n`);
  }
}

await runMain({ name: 'with-link', usage, handlesSignals: true }, run);
