import type { Completion, Measurement } from './measure.ts';
import { median } from './statistics.ts';

/** What a run that went well gave. */
export type Result = Measurement | Completion;

/** One figure over several repetitions. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A peer's figures over all its repetitions. */
export type Summary = {
  readonly summary: true;
  readonly peer: string;
  readonly profile: string;
  readonly repetitions: number;
} & { readonly [figure in SummarizedFigure]?: Spread };

const FIGURES = [
  'goodputMbps',
  'steadyMbps',
  'wireRatio',
  'cpuSeconds',
  'megabytesPerCpuSecond',
  'completeMs',
] as const;
type SummarizedFigure = (typeof FIGURES)[number];

/** One summary for each peer and profile, in the order in which they first ran. */
export function summarize(results: readonly Result[]): Summary[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const key = `${result.peer} ${result.profile}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].map(summarizeGroup);
}

function summarizeGroup(results: readonly Result[]): Summary {
  const [{ peer, profile }] = results as [Result];
  const spreads = FIGURES.flatMap((figure) => {
    const values = results.map((result) => figureOf(result, figure)).filter((value) => value !== undefined);
    return values.length === 0 ? [] : [[figure, spreadOf(values)]];
  });
  return { summary: true, peer, profile, repetitions: results.length, ...Object.fromEntries(spreads) };
}

function figureOf(result: Result, figure: SummarizedFigure): number | undefined {
  const value = (result as Partial<Record<SummarizedFigure, number | null>>)[figure];
  return value ?? undefined;
}

/** Median, smallest and largest of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
