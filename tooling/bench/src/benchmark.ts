import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Place } from './link/place.ts';
import { measure } from './measure.ts';
import { findPeer, type Peer, type PeerSettings, peerNames } from './peers/registry.ts';

/** What a benchmark's command line asks for. */
export interface BenchmarkOptions {
  readonly profile: string | undefined;
  readonly seconds: number;
  readonly repetitions: number;
  readonly peers: readonly string[];
  readonly modulesFolder: string;
  readonly commands: ReadonlyMap<string, string>;
}

/** The options that both benchmarks have, for `--help`. */
export const benchmarkUsage = `  --seconds N     length of each run (6)     --reps N    runs of each peer (1)
  --peers LIST    ${peerNames.join(',')}
  --modules DIR   where npm put udx-native: npm i --prefix DIR udx-native
  --peer NAME=CMD a driver of your own: run as CMD recv HOST PORT and CMD send HOST PORT (src/peers/stream-driver.ts)
Prints a line of JSON for each run.
`;

/** Reads a command line. Throws an Error with what is wrong. */
export function parseBenchmarkOptions(args: readonly string[], peers: string): BenchmarkOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string' },
      seconds: { type: 'string', default: '6' },
      reps: { type: 'string', default: '1' },
      peers: { type: 'string', default: peers },
      peer: { type: 'string', multiple: true, default: [] },
      modules: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const [seconds, repetitions] = [Number(values.seconds), Number(values.reps)];
  if (!(seconds > 0 && seconds <= 600))
    throw new Error(`expected --seconds up to 600, got ${values.seconds}`);
  if (!(Number.isInteger(repetitions) && repetitions > 0))
    throw new Error(`expected --reps N, got ${values.reps}`);
  const commands = new Map(values.peer.map(parsePeerCommand));
  const names = [...new Set([...values.peers.split(','), ...commands.keys()])];
  const unknown = names.filter((name) => !peerNames.includes(name) && !commands.has(name));
  if (unknown.length > 0)
    throw new Error(`expected peers out of ${peerNames.join(', ')}, got ${unknown.join(', ')}`);
  return {
    profile: values.profile,
    seconds,
    repetitions,
    peers: names,
    modulesFolder: values.modules,
    commands,
  };
}

function parsePeerCommand(text: string): [string, string] {
  const [name = '', ...rest] = text.split('=');
  if (name === '' || rest.length === 0) throw new Error(`expected --peer NAME=COMMAND, got ${text}`);
  return [name, rest.join('=')];
}

/** Measures every peer, one after the other, and prints a line for each run. True when none failed or was missing. */
export async function runBenchmark(place: Place, options: BenchmarkOptions): Promise<boolean> {
  const settings: PeerSettings = {
    ...options,
    place,
    port: place.name === 'loopback' ? await freePort() : 7001,
  };
  const found = options.peers.map((name) => findPeer(name, settings));
  const peers: Peer[] = [];
  let isComplete = true;
  for (const peer of found) {
    if ('missing' in peer) {
      isComplete = false;
      print({ peer: peer.name, profile: place.name, missing: peer.missing });
      process.stderr.write(`${peer.name} is missing: ${peer.missing}\n`);
    } else peers.push(peer);
  }
  // Repetition by repetition, so that a busy minute of the machine hits all peers alike.
  for (let repetition = 1; repetition <= options.repetitions; repetition++) {
    for (const peer of peers) {
      const result = await measure(peer, { place, seconds: options.seconds, repetition });
      print(result);
      if ('error' in result) isComplete = false;
    }
  }
  return isComplete;
}

function print(result: object): void {
  const rounded = Object.entries(result).map(([name, value]) => [
    name,
    typeof value === 'number' ? Number(value.toFixed(3)) : value,
  ]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rounded))}\n`);
}

/** A port with a few free ones behind it, most likely. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a port of this machine');
  return address.port;
}
