/** One condition under which all peers are measured. */
export interface Cell {
  /** As `--profile` takes it. */
  readonly profile: string;
  readonly seconds: number;
  /** Measures the time for so many bytes instead. */
  readonly bytes: number | undefined;
}

const RATES = [100, 500];
const ROUND_TRIPS = [2, 50, 200];
const LOSSES = [0, 0.1, 1, 3, 5];
/** A round trip of 200 ms needs seconds to get going. */
const LONG_ROUND_TRIP_MS = 200;
const SECONDS_LONG = 10;
const SECONDS = 6;
const COMPLETION_SECONDS_MAX = 60;

function rateCell(rate: number, roundTripMs: number, settings: string): Cell {
  return {
    profile: `rate=${rate},rtt=${roundTripMs},${settings}`,
    seconds: roundTripMs >= LONG_ROUND_TRIP_MS ? SECONDS_LONG : SECONDS,
    bytes: undefined,
  };
}

const named = (profile: string): Cell => ({ profile, seconds: SECONDS_LONG, bytes: undefined });

const main = RATES.flatMap((rate) =>
  ROUND_TRIPS.flatMap((roundTripMs) => LOSSES.map((loss) => rateCell(rate, roundTripMs, `loss=${loss}`))),
);

const queues = ['65536', '4bdp'].flatMap((queue) =>
  [0, 1].map((loss) => rateCell(100, 50, `loss=${loss},queue=${queue}`)),
);

const completions = ROUND_TRIPS.flatMap((roundTripMs) =>
  [0, 1].flatMap((loss) =>
    [1e5, 1e6, 1e7, 1e8].map((bytes) => ({
      profile: `rate=100,rtt=${roundTripMs},loss=${loss}`,
      seconds: COMPLETION_SECONDS_MAX,
      bytes,
    })),
  ),
);

/** The grids that can be run by name. */
export const grids: Readonly<Record<string, readonly Cell[]>> = {
  link: [...main, ...queues, ...['wifi', 'lte', 'sat', 'burst', 'nasty'].map(named)],
  short: [
    rateCell(100, 2, 'loss=1'),
    ...[0, 1, 5].map((loss) => rateCell(100, 50, `loss=${loss}`)),
    ...[0, 1, 5].map((loss) => rateCell(100, 200, `loss=${loss}`)),
    rateCell(500, 50, 'loss=1'),
  ],
  completion: completions,
};

/** Links on which the runs are drawn over time. */
export const TIMELINE_PROFILES: readonly string[] = [
  'rate=100,rtt=50,loss=1',
  'rate=100,rtt=200,loss=5',
  'rate=100,rtt=50,loss=0,queue=4bdp',
];

/** What a cell is called in results: two cells of one name are the same. */
export function cellName({ profile, bytes }: Cell): string {
  return bytes === undefined ? profile : `${profile} ${bytes}`;
}
