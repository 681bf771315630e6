import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { messageOf } from './command-line.ts';
import { atExit } from './exit-hooks.ts';
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

async function run(args: readonly string[]): Promise<number> {
  const [profile, separator, ...words] = args;
  if (profile === undefined || separator !== '--' || words.length === 0)
    throw new Error(`expected a command\n${usage}`);
  const split = words.indexOf(':::');
  const link = await startEmulatedLink(parseProfile(profile));
  const start = (side: Side | undefined, command: readonly string[]) => {
    const [program = '', ...rest] = side === undefined ? command : link.commandOn(side, command);
    const child = spawn(program, rest, { stdio: 'inherit' });
    child.once(
      'close',
      atExit(() => child.kill('SIGKILL')),
    );
    return child;
  };
  const server = split < 0 ? undefined : start('sender', words.slice(0, split));
  const client = split < 0 ? start(undefined, words) : start('receiver', words.slice(split + 1));
  // The client ends as it does when it is told to; then the rest is put away.
  const forward = (signal: NodeJS.Signals) => client.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  try {
    const [code] = await once(client, 'exit');
    return code ?? 1;
  } finally {
    if (server !== undefined) await endServer(server);
    process.stderr.write(`${JSON.stringify(await link.stop())}\n`);
  }
}

/** Asks it to end, and does not wait for ever. */
async function endServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  const timer = setTimeout(() => server.kill('SIGKILL'), END_MS_MAX);
  await exit;
  clearTimeout(timer);
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`with-link: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
