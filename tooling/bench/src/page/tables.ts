import type { CellSummary, GridResults } from '../grid/results.ts';
import type { Spread } from '../summary.ts';
import { parseCellName } from './cell-name.ts';

/** Share of a 1,500-byte packet that is payload for the leanest of the peers; what loss takes is subtracted as well. */
const PAYLOAD_SHARE = 0.965;

type Figure = 'goodputMbps' | 'steadyMbps' | 'wireRatio' | 'completeMs' | 'megabytesPerCpuSecond';

/** One line of `bench:fairness`; a share of 1 is an equal one. */
export interface Contest {
  readonly flows: string;
  readonly profile: string;
  readonly seconds: number;
  readonly shares: readonly number[];
  readonly lateShares: readonly number[];
  readonly jain: number;
}

/** A table with a row for each cell and a column for each peer: median, and in brackets the spread. */
export function peerTable(summaries: readonly CellSummary[], figure: Figure): string {
  const peers = unique(summaries.map(({ peer }) => peer));
  const cells = unique(summaries.map(({ cell }) => cell));
  const find = (cell: string, peer: string) =>
    summaries.find((summary) => summary.cell === cell && summary.peer === peer)?.[figure];
  const rows = cells.map((cell) => {
    const best = bestOf(
      peers.map((peer) => find(cell, peer)?.median),
      figure,
    );
    const figures = peers.map((peer) => formatSpread(find(cell, peer), figure, best));
    return [cell, ...(figure === 'steadyMbps' ? [limitOf(cell)] : []), ...figures];
  });
  return markdownTable(['link', ...(figure === 'steadyMbps' ? ['limit'] : []), ...peers], rows);
}

/** Our figure divided by each other peer's, per cell; above 1 we are ahead (for times, below it the ratio is turned round). */
export function ratioTable(summaries: readonly CellSummary[], figure: Figure): string {
  const others = unique(summaries.map(({ peer }) => peer)).filter((peer) => peer !== 'parley');
  const cells = unique(summaries.map(({ cell }) => cell));
  const ratios = cells.map((cell) => others.map((other) => ratioIn(summaries, { cell, other, figure })));
  const rows = cells.map((cell, index) => [cell, ...(ratios[index] ?? []).map(formatRatio)]);
  const medians = others.map((_, column) => medianOf(ratios.map((row) => row[column])));
  return markdownTable(
    ['link', ...others.map((other) => `parley : ${other}`)],
    [...rows, ['**median**', ...medians.map(formatRatio)]],
  );
}

/** What two flows that share a link make of it: a row for each contest. */
export function fairnessTable(contests: readonly Contest[]): string {
  const rows = contests.map(({ flows, profile, seconds, shares, lateShares, jain }) => [
    `${flows}, ${profile}, ${seconds} s`,
    shares.map((share) => share.toFixed(2)).join(' : '),
    lateShares.map((share) => share.toFixed(2)).join(' : '),
    jain.toFixed(3),
  ]);
  return markdownTable(['flows, the first one first', 'shares', 'second half', "Jain's index of it"], rows);
}

/** What the figures were taken on. */
export function machineText({ machines, missing, distrusted }: GridResults): string {
  const lines = machines.map(({ machine, versions }) => {
    const known = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return `- ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ${known.join(', ')}`;
  });
  for (const { peer, missing: what } of missing) lines.push(`- **${peer} is missing**: ${what}`);
  for (const [cell, packets] of distrusted)
    lines.push(`- distrust ${cell}: the emulator itself missed ${packets} packets`);
  return lines.join('\n');
}

function ratioIn(
  summaries: readonly CellSummary[],
  { cell, other, figure }: { cell: string; other: string; figure: Figure },
): number | undefined {
  const median = (peer: string) =>
    summaries.find((summary) => summary.cell === cell && summary.peer === peer)?.[figure]?.median;
  const [ours, theirs] = [median('parley'), median(other)];
  if (ours === undefined || theirs === undefined || ours === 0 || theirs === 0) return undefined;
  return figure === 'completeMs' ? theirs / ours : ours / theirs;
}

function limitOf(cell: string): string {
  const { rate, loss } = parseCellName(cell);
  return rate === undefined || loss === undefined ? '' : (rate * (1 - loss / 100) * PAYLOAD_SHARE).toFixed(1);
}

function bestOf(medians: readonly (number | undefined)[], figure: Figure): number | undefined {
  const known = medians.filter((median) => median !== undefined);
  const isSmallBest = figure === 'completeMs' || figure === 'wireRatio';
  return known.length === 0 ? undefined : isSmallBest ? Math.min(...known) : Math.max(...known);
}

function formatSpread(spread: Spread | undefined, figure: Figure, best: number | undefined): string {
  if (spread === undefined) return '–';
  const digits = figure === 'wireRatio' ? 2 : figure === 'completeMs' ? 0 : 1;
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) => value.toFixed(digits));
  const bold = spread.median === best ? `**${median}**` : median;
  return min === max ? `${bold}` : `${bold} (${min}–${max})`;
}

function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? '–' : ratio.toFixed(2);
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
