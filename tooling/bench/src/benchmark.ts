import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort, parseCount, parseNumber } from '@parley/programs';
import type { Print } from './json-lines.ts';
import type { Place } from './link/place.ts';
import { measure } from './measure.ts';
import { makeMemoryFolder, makeSparseFile, touchMemory } from './memory-folder.ts';
import type { MissingPeer, Peer, PeerSettings } from './peers/peer.ts';
import { findPeer, peerNames } from './peers/registry.ts';
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
export function parseBenchmarkOptions(args: readonly string[], peers: string): BenchmarkOptions {
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
    },
  });
  const commands = new Map(values.peer.map(parsePeerCommand));
  const names = [...new Set([...values.peers.split(','), ...commands.keys()])];
  const unknown = names.filter((name) => !peerNames.includes(name) && !commands.has(name));
  if (unknown.length > 0)
    throw new Error(`expected peers out of ${peerNames.join(', ')}, got ${unknown.join(', ')}`);
  return {
    profile: values.profile,
    seconds: parseNumber('seconds', values.seconds, { min: 0.1, max: 600 }),
    repetitions: parseCount('reps', values.reps, { max: 1_000 }),
    bytes: values.bytes === undefined ? undefined : parseCount('bytes', values.bytes, { max: 1e12 }),
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
export const LINK_PORT = 7001;

/** Measures every peer, one after the other, and prints what each run gave. True when none failed or was missing. */
export async function runBenchmark(place: Place, options: BenchmarkOptions, print: Print): Promise<boolean> {
  const port = place.name === 'loopback' ? await freePort() : LINK_PORT;
  const filesFolder = options.hasFiles ? makeFilesFolder(options) : undefined;
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

/** A folder with a file to send, and memory for the one that arrives. */
function makeFilesFolder({ bytes, seconds }: BenchmarkOptions): string {
  const folder = makeMemoryFolder();
  makeSparseFile(join(folder, 'source'), bytes);
  touchMemory(folder, bytes, seconds);
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
