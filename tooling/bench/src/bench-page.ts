import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMain } from '@parley/programs';
import { type GridResults, parseResults } from './grid/results.ts';
import type { Timeline } from './measure.ts';
import { congestionOverTime, goodputByLoss, goodputOverTime } from './page/charts.ts';
import { type Contest, fairnessTable, machineText, peerTable, ratioTable } from './page/tables.ts';

const FOLDER = 'docs/benchmarks';

const usage = `usage: npm run bench:page

Makes docs/benchmarks.md and its pictures of the results in docs/benchmarks; run it at the top of the repository.
`;

async function run(args: readonly string[]): Promise<void> {
  if (args.length > 0) throw new Error(`expected no arguments, got ${args.join(' ')}`);
  const page = [
    `# Benchmarks

Made by \`npm run bench:page\` of the results in [docs/benchmarks](benchmarks); do not edit. Every figure is the median of all repetitions, in brackets the smallest
and largest; bold is the best of a row. All peers of a cell ran over the same emulated link in the same run, one after the other. Figures of a shared machine are noise:
read the ratios. How the link and the peers work stands in [tooling/bench](../tooling/bench/README.md).`,
    ...(await section('link', (results) => linkSection('link', results))),
    ...(await section('short', (results) => linkSection('short', results))),
    ...(await section('completion', completionSection)),
    ...fairnessSection(),
    ...(await section('loopback', loopbackSection)),
    ...(await section('timeline', timelineSection)),
  ];
  writeFileSync('docs/benchmarks.md', `${page.join('\n\n')}\n`);
}

/** One part of the page; nothing where there are no results. */
async function section(
  grid: string,
  write: (results: GridResults) => Promise<string[]> | string[],
): Promise<string[]> {
  const file = join(FOLDER, `${grid}.jsonl`);
  if (!existsSync(file)) return [];
  const results = parseResults(readFileSync(file, 'utf8'));
  const failures = results.failures.map(
    ({ peer, profile, error }) => `- ${peer} failed on ${profile}: ${error.slice(0, 200)}`,
  );
  return [...(await write(results)), [machineText(results), ...failures].join('\n')];
}

async function linkSection(grid: string, { summaries }: GridResults): Promise<string[]> {
  return [
    `## Goodput on an emulated link${grid === 'link' ? '' : `, ${grid} grid`}

\`npm run bench:grid -- --grid ${grid} --modules DIR\` repeats it. The whole run counts from before the sender connected; steady is its second half. The limit is
rate × (1 − loss) × the payload share of a packet.`,
    await picture(
      `${grid}-goodput-by-loss`,
      'Goodput over the whole run by loss',
      goodputByLoss(summaries, 'goodputMbps'),
    ),
    '### The whole run, Mbit/s',
    peerTable(summaries, 'goodputMbps'),
    '### The whole run, ratios',
    ratioTable(summaries, 'goodputMbps'),
    '### Second half, Mbit/s',
    await picture(
      `${grid}-steady-by-loss`,
      'Goodput in the second half by loss',
      goodputByLoss(summaries, 'steadyMbps'),
    ),
    peerTable(summaries, 'steadyMbps'),
    '### Bytes on the wire per byte delivered',
    peerTable(summaries, 'wireRatio'),
  ];
}

function completionSection({ summaries }: GridResults): string[] {
  return [
    `## Time to complete, milliseconds

\`npm run bench:grid -- --grid completion\` repeats it: from before the sender connects until the receiver has the last byte, each time on a new connection. Nothing is
remembered from the one before.`,
    peerTable(summaries, 'completeMs'),
    '### Ratios (above 1: parley is faster)',
    ratioTable(summaries, 'completeMs'),
  ];
}

function loopbackSection({ summaries }: GridResults): string[] {
  return [
    `## One machine

\`npm run bench -- --seconds 4 --reps 3 --peers … --modules DIR\`: from process to process over loopback, or with \`--profile veth\` (two repetitions) over an Ethernet of 1,500 bytes. \`parley\` and \`tls\` use packets of up to 64 KiB there, the others and
\`parley-1500\` those of an Ethernet. udx and UDT do not encrypt, nor do those of ours that say so; the portable ones have no native code. With \`--files\` the bytes come from a file and go into one; ngtcp2's programs always do that.`,
    '### Mbit/s',
    peerTable(summaries, 'goodputMbps'),
    '### MB per second of processor time, both ends',
    peerTable(summaries, 'megabytesPerCpuSecond'),
  ];
}

/** What `bench:fairness` printed. */
function fairnessSection(): string[] {
  const file = join(FOLDER, 'fairness.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const contests: Contest[] = lines.map((line) => JSON.parse(line));
  return [
    `## Two flows on one link

\`npm run bench:fairness -- --profile rate=50,rtt=50,queue=1bdp --flows parley+parley,parley+tcp-cubic,… --seconds 30\` repeats it: the second flow comes a second after
the first. A share of 1 is half of what both got.`,
    fairnessTable(contests),
  ];
}

async function timelineSection({ timelines }: GridResults): Promise<string[]> {
  const profiles = [...new Set(timelines.map(({ profile }) => profile))];
  const parts = await Promise.all(
    profiles.map((profile) =>
      profileSection(
        profile,
        timelines.filter((run) => run.profile === profile),
      ),
    ),
  );
  return [
    '## One run over time',
    '`npm run bench:grid -- --grid timeline --modules DIR` repeats it.',
    ...parts.flat(),
  ];
}

async function profileSection(profile: string, timelines: readonly Timeline[]): Promise<string[]> {
  const name = profile.replaceAll(/[^a-z0-9]+/g, '-');
  const ours = timelines.find(({ peer }) => peer === 'parley');
  return [
    `### \`${profile}\``,
    await picture(`time-${name}`, `Goodput over time, ${profile}`, goodputOverTime(timelines)),
    ...(ours === undefined
      ? []
      : [await picture(`congestion-${name}`, `Window, rate and RTT, ${profile}`, congestionOverTime(ours))]),
  ];
}

async function picture(name: string, title: string, svg: Promise<string>): Promise<string> {
  writeFileSync(join(FOLDER, `${name}.svg`), await svg);
  return `![${title}](benchmarks/${name}.svg)`;
}

await runMain({ name: 'bench:page', usage }, run);
