import { Session } from 'node:inspector/promises';
import { PerformanceObserver } from 'node:perf_hooks';

/** What a piece of work allocated on the heap. */
export interface Allocations {
  readonly bytes: number;
  /** The functions that allocated most, with their share. */
  readonly top: readonly { readonly name: string; readonly bytes: number }[];
}

interface SampledNode {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly SampledNode[];
}

const SAMPLED_BYTES = 1024;
const NAMES_MAX = 12;

/** Runs `work` under V8's sampling heap profiler; what was collected meanwhile counts as well. */
export async function allocationsOf(work: () => void): Promise<Allocations> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLED_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  work();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const byName = new Map<string, number>();
  const visit = ({ callFrame, selfSize, children }: SampledNode): void => {
    const file = callFrame.url.split('/').at(-1);
    const name = `${callFrame.functionName || '(anonymous)'} ${file}:${callFrame.lineNumber + 1}`;
    byName.set(name, (byName.get(name) ?? 0) + selfSize);
    for (const child of children) visit(child);
  };
  visit(profile.head);
  const all = [...byName].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
  return { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), top: all.slice(0, NAMES_MAX) };
}

/** Milliseconds of garbage collection while `work` ran. */
export async function collectionMsOf(work: () => void): Promise<number> {
  let totalMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) totalMs += entry.duration;
  });
  observer.observe({ entryTypes: ['gc'] });
  work();
  // Entries are handed over in a later turn of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  return totalMs;
}
