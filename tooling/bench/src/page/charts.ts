import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { CellSummary } from '../grid/results.ts';
import type { Timeline } from '../measure.ts';
import { parseCellName } from './cell-name.ts';

const WIDTH = 260;
const HEIGHT = 170;
const PEER_COLOUR = { field: 'peer', type: 'nominal', title: null } as const;

/** Goodput over loss, a line for each peer, a panel for each rate and round trip. */
export function goodputByLoss(
  summaries: readonly CellSummary[],
  figure: 'goodputMbps' | 'steadyMbps',
): Promise<string> {
  const values = summaries.flatMap((summary) => {
    const { rate, rtt, loss, rest } = parseCellName(summary.cell);
    const goodput = summary[figure]?.median;
    if (rate === undefined || rtt === undefined || loss === undefined || rest !== '' || goodput === undefined)
      return [];
    return [
      { peer: summary.peer, path: `${rate} Mbit/s, ${rtt} ms`, order: rate * 1000 + rtt, loss, goodput },
    ];
  });
  return draw({
    data: { values },
    facet: {
      field: 'path',
      type: 'nominal',
      title: null,
      sort: { field: 'order' },
      header: { labelFontSize: 12 },
    },
    columns: 3,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: WIDTH,
      height: HEIGHT,
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'loss', type: 'ordinal', title: 'loss (%)', axis: { labelAngle: 0 } },
        y: { field: 'goodput', type: 'quantitative', title: 'Mbit/s', scale: { zero: true } },
        color: PEER_COLOUR,
      },
    },
  });
}

/** Goodput of one run of each peer, over time; points are averages over half a second. */
export function goodputOverTime(timelines: readonly Timeline[]): Promise<string> {
  const values = timelines.flatMap(({ peer, goodput }) =>
    goodput.map(([ms, mbps]) => ({
      peer,
      seconds: Math.floor(ms / AVERAGED_MS) * (AVERAGED_MS / 1000),
      mbps,
    })),
  );
  return draw({
    data: { values },
    width: 2 * WIDTH,
    height: HEIGHT,
    mark: 'line',
    encoding: {
      x: { field: 'seconds', type: 'quantitative', title: 'seconds' },
      y: { aggregate: 'mean', field: 'mbps', type: 'quantitative', title: 'Mbit/s' },
      color: PEER_COLOUR,
    },
  });
}

const AVERAGED_MS = 500;

/** What our congestion control believed during one run: window, rate, round trip. */
export function congestionOverTime({ statistics }: Timeline): Promise<string> {
  const values = statistics.flatMap(([ms, window, rtt, rate]) => [
    { seconds: ms / 1000, what: 'congestion window (KB)', value: window / 1000 },
    { seconds: ms / 1000, what: 'smoothed RTT (ms)', value: rtt },
    { seconds: ms / 1000, what: 'pacing rate (Mbit/s)', value: (rate * 8) / 1e6 },
  ]);
  return draw({
    data: { values },
    facet: { field: 'what', type: 'nominal', title: null, header: { labelFontSize: 12 } },
    columns: 3,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: WIDTH,
      height: HEIGHT,
      mark: 'line',
      encoding: {
        x: { field: 'seconds', type: 'quantitative', title: 'seconds' },
        y: { field: 'value', type: 'quantitative', title: null, scale: { zero: true } },
      },
    },
  });
}

function draw(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ ...spec, background: 'white', padding: 12 }).spec), {
    renderer: 'none',
  });
  return view.toSVG();
}
