/** One condition under which all peers are measured. */
export interface Cell {
  /** As `--profile` takes it. */
  readonly profile: string;
  readonly seconds: number;
  /** Measures the time for so many bytes instead. */
  readonly bytes: number | undefined;
}

const rates = [100, 500];
const roundTrips = [2, 50, 200];
const losses = [0, 0.1, 1, 3, 5];
/** A round trip of 200 ms needs seconds to get going. */
const longRoundTripMs = 200;
const secondsLong = 10;
const seconds = 6;
const completionSecondsMax = 60;

function rateCell(rate: number, roundTripMs: number, settings: string): Cell {
  return {
    profile: `rate=${rate},rtt=${roundTripMs},${settings}`,
    seconds: roundTripMs >= longRoundTripMs ? secondsLong : seconds,
    bytes: undefined,
  };
}

const named = (profile: string): Cell => ({ profile, seconds: secondsLong, bytes: undefined });

const main = rates.flatMap((rate) =>
  roundTrips.flatMap((roundTripMs) => losses.map((loss) => rateCell(rate, roundTripMs, `loss=${loss}`))),
);

const queues = ['65536', '4bdp'].flatMap((queue) =>
  [0, 1].map((loss) => rateCell(100, 50, `loss=${loss},queue=${queue}`)),
);

const completions = roundTrips.flatMap((roundTripMs) =>
  [0, 1].flatMap((loss) =>
    [1e5, 1e6, 1e7, 1e8].map((bytes) => ({
      profile: `rate=100,rtt=${roundTripMs},loss=${loss}`,
      seconds: completionSecondsMax,
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
export const timelineProfiles: readonly string[] = [
  'rate=100,rtt=50,loss=1',
  'rate=100,rtt=200,loss=5',
  'rate=100,rtt=50,loss=0,queue=4bdp',
];

/** What a cell is called in results: two cells of one name are the same. */
export function cellName({ profile, bytes }: Cell): string {
  return bytes === undefined ? profile : `${profile} ${bytes}`;
}
