import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Place } from './link/place.ts';
import { measure } from './measure.ts';
import type { MissingPeer, Peer, PeerSettings } from './peers/peer.ts';
import { findPeer, peerNames } from './peers/registry.ts';
import { makeMemoryFolder, makeSparseFile } from './peers/sparse-file.ts';
import { type Result, summarize } from './summary.ts';

/** What a benchmark's command line asks for. */
export interface BenchmarkOptions {
  readonly profile: string | undefined;
  readonly seconds: number;
  readonly repetitions: number;
  /** Measures how long so many bytes take, instead of what comes within `seconds`. */
  readonly bytes: number | undefined;
  /** Moves a file into a file, instead of bytes out of memory. */
  readonly hasFiles: boolean;
  readonly peers: readonly string[];
  readonly modulesFolder: string;
  readonly commands: ReadonlyMap<string, string>;
}

/** The options that both benchmarks have, for `--help`. */
export const benchmarkUsage = `  --seconds N     length of each run (6)     --reps N    runs of each peer (1)
  --bytes N       measure how long N bytes take instead, --seconds at most
  --files         from a file into a file, both in memory (/dev/shm) where there is such a folder
  --peers LIST    ${peerNames.join(',')}
  --modules DIR   where npm put udx-native: npm i --prefix DIR udx-native
  --peer NAME=CMD a driver of your own: run as CMD recv HOST PORT and CMD send HOST PORT (src/peers/stream-driver.ts)
Prints lines of JSON: the machine, each run, and each peer's median and spread when there are several.
`;

/** Reads a command line. Throws an Error with what is wrong. */
export function parseBenchmarkOptions(args: readonly string[], peers: string): BenchmarkOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string' },
      seconds: { type: 'string', default: '6' },
      reps: { type: 'string', default: '1' },
      bytes: { type: 'string' },
      files: { type: 'boolean', default: false },
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
  const bytes = values.bytes === undefined ? undefined : Number(values.bytes);
  if (bytes !== undefined && !(Number.isInteger(bytes) && bytes > 0))
    throw new Error(`expected --bytes N, got ${values.bytes}`);
  const commands = new Map(values.peer.map(parsePeerCommand));
  const names = [...new Set([...values.peers.split(','), ...commands.keys()])];
  const unknown = names.filter((name) => !peerNames.includes(name) && !commands.has(name));
  if (unknown.length > 0)
    throw new Error(`expected peers out of ${peerNames.join(', ')}, got ${unknown.join(', ')}`);
  return {
    profile: values.profile,
    seconds,
    repetitions,
    bytes,
    hasFiles: values.files,
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

/** Nobody else is in the namespaces of an emulated link. */
export const linkPort = 7001;

/** Takes one line of the results. */
export type Print = (line: object) => void;

/** Measures every peer, one after the other, and prints what each run gave. True when none failed or was missing. */
export async function runBenchmark(place: Place, options: BenchmarkOptions, print: Print): Promise<boolean> {
  const port = place.name === 'loopback' ? await freePort() : linkPort;
  const filesFolder = options.hasFiles ? makeFilesFolder(options.bytes) : undefined;
  const { peers, missing } = findPeers({ ...options, place, port, filesFolder }, options.peers);
  for (const { name, missing: what } of missing) {
    print({ peer: name, profile: place.name, missing: what });
    process.stderr.write(`${name} is missing: ${what}\n`);
  }
  let isComplete = missing.length === 0;
  const results: Result[] = [];
  // Repetition by repetition, so that a busy minute of the machine hits all peers alike.
  for (let repetition = 1; repetition <= options.repetitions; repetition++) {
    for (const peer of peers) {
      const measured = await measure(peer, { ...options, place, repetition });
      const result = options.hasFiles ? { ...measured, profile: `${measured.profile}, files` } : measured;
      print(result);
      if ('error' in result) isComplete = false;
      else results.push(result);
    }
  }
  if (options.repetitions > 1) for (const summary of summarize(results)) print(summary);
  return isComplete;
}

/** A folder with a file to send. */
function makeFilesFolder(bytes: number | undefined): string {
  const folder = makeMemoryFolder();
  makeSparseFile(join(folder, 'source'), bytes);
  return folder;
}

/** The peers of those names, apart from those that cannot be measured here. */
export function findPeers(settings: PeerSettings, names: readonly string[]) {
  const found = names.map((name) => findPeer(name, settings));
  return {
    peers: found.filter((peer): peer is Peer => !('missing' in peer)),
    missing: found.filter((peer): peer is MissingPeer => 'missing' in peer),
  };
}

/** Prints a line of JSON, without digits that mean nothing. */
export function printLine(line: object): void {
  process.stdout.write(`${formatLine(line)}\n`);
}

/** A result as a line of JSON, its numbers to three digits behind the point. */
export function formatLine(line: object): string {
  return JSON.stringify(line, (_, value) => (typeof value === 'number' ? Number(value.toFixed(3)) : value));
}

/** A port with a few free ones behind it, most likely. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a port of this machine');
  return address.port;
}
