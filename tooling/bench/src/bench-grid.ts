import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, runMain } from '@parley/programs';
import {
  type BenchmarkOptions,
  findPeers,
  LINK_PORT,
  parseBenchmarkOptions,
  runBenchmark,
} from './benchmark.ts';
import { type Cell, cellName, grids, TIMELINE_PROFILES } from './grid/cells.ts';
import { cellsIn } from './grid/results.ts';
import { formatLine, type Print } from './json-lines.ts';
import { startEmulatedLink } from './link/emulated-link.ts';
import type { Place } from './link/place.ts';
import { parseProfile } from './link/profile.ts';
import { describeMachine } from './machine.ts';
import { measureTimeline } from './measure.ts';

const usage = `usage: npm run bench:grid -- [--grid NAME] [options]

Measures all peers in every cell of a grid over an emulated link and appends the results to a file; a cell that is in the file
already is left out, so that a run that was cut off goes on. npm run bench:page makes the page of it. Needs what bench:link needs.
  --grid NAME     ${Object.entries(grids)
    .map(([name, cells]) => `${name} (${cells.length} cells)`)
    .join(', ')}, or
                  timeline: each peer once, every 50 ms of it
  --only TEXT     only cells whose name contains it: --only rtt=200
  --out FILE      results (docs/benchmarks/GRID.jsonl)
  --reps N, --peers LIST, --modules DIR as for bench:link
`;

const TIMELINE_SECONDS = 8;
const timelineCells: readonly Cell[] = TIMELINE_PROFILES.map((profile) => ({
  profile,
  seconds: TIMELINE_SECONDS,
  bytes: undefined,
}));

/** What a command line asks for. */
interface GridOptions {
  readonly cells: readonly Cell[];
  readonly runCell: typeof runBenchmark;
  readonly file: string;
  readonly benchmark: BenchmarkOptions;
}

function parseGridOptions(args: readonly string[]): GridOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      grid: { type: 'string', default: 'short' },
      only: { type: 'string', default: '' },
      out: { type: 'string' },
      reps: { type: 'string', default: '3' },
      peers: { type: 'string' },
      modules: { type: 'string' },
    },
  });
  const grid = values.grid === 'timeline' ? timelineCells : grids[values.grid];
  if (grid === undefined)
    throw new Error(`expected a grid out of ${Object.keys(grids).join(', ')}, timeline, got ${values.grid}`);
  const peers = values.grid === 'completion' ? 'parley,tcp-bbr,tls-bbr' : 'parley,tcp-bbr,ngtcp2-bbr,udx';
  const passedOn = ['--reps', values.reps, '--peers', values.peers ?? peers];
  if (values.modules !== undefined) passedOn.push('--modules', values.modules);
  const benchmark = parseBenchmarkOptions(passedOn, peers);
  return {
    cells: grid.filter((cell) => cellName(cell).includes(values.only)),
    runCell: values.grid === 'timeline' ? runTimeline : runBenchmark,
    file: values.out ?? `docs/benchmarks/${values.grid}.jsonl`,
    benchmark,
  };
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseGridOptions(args);
  const { file, benchmark, cells } = options;
  mkdirSync(dirname(file), { recursive: true });
  // All lines of a cell at once: one that was cut off is measured again as a whole.
  const append = (lines: readonly object[]) =>
    appendFileSync(file, lines.map((line) => `${formatLine(line)}\n`).join(''));
  const present = existsSync(file) ? cellsIn(readFileSync(file, 'utf8')) : new Set<string>();
  const missingCells = cells.filter((cell) => !present.has(cellName(cell)));
  if (missingCells.length > 0) append([describeMachine(benchmark.modulesFolder)]);
  for (const [index, cell] of missingCells.entries()) {
    process.stderr.write(`${index + 1} of ${missingCells.length}: ${cellName(cell)}\n`);
    append(await measureCell(cell, options));
  }
}

/** The lines of a cell. Where a peer failed or was missing, they say so, and the exit code is 1. */
async function measureCell(cell: Cell, { benchmark, runCell }: GridOptions): Promise<readonly object[]> {
  const link = await startEmulatedLink(parseProfile(cell.profile));
  const lines: object[] = [];
  const isComplete = await runCell(link, { ...benchmark, ...cell }, (line) => lines.push(line));
  const { tun, pool } = (await link.stop()).a_to_b.dropped;
  if (!isComplete) process.exitCode = 1;
  return [{ cell: cellName(cell), missedPackets: tun + pool }, ...lines];
}

/** Measures every peer once, over time. */
async function runTimeline(place: Place, options: BenchmarkOptions, print: Print): Promise<boolean> {
  const { peers, missing } = findPeers({ ...options, place, port: LINK_PORT }, options.peers);
  for (const { name, missing: what } of missing) print({ peer: name, profile: place.name, missing: what });
  let isComplete = missing.length === 0;
  for (const peer of peers) {
    try {
      print(await measureTimeline(peer, place, options.seconds));
    } catch (error) {
      print({ peer: peer.name, profile: place.name, repetition: 1, error: messageOf(error) });
      isComplete = false;
    }
  }
  return isComplete;
}

await runMain({ name: 'bench:grid', usage }, run);
