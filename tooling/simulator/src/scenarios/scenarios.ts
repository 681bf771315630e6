import type { Plan } from '../plan/plan.ts';
import { Run, type RunResult } from '../run.ts';
import { type ScenarioOptions, scenarioPlan } from './scenario-plan.ts';

/** What a scenario measured. */
export interface ScenarioOutcome {
  /** Every promise of the transport held. */
  readonly isSound: boolean;
  /** The figure is as good as the goal asks. */
  readonly isGoalMet: boolean;
  readonly text: string;
  /** The figure of the scenario: seconds of virtual time unless the text says otherwise. */
  readonly figure: number;
  readonly simulatedMs: number;
}

const MEGABYTE = 1_000_000;

/** A line, and what it counts of each packet. */
interface Line {
  readonly rateGain: number;
  readonly overheadBytes: number;
}

/** Megabits are millions, and IP and UDP headers take their share. */
const PLAIN_LINE: Line = { rateGain: 1, overheadBytes: 28 };
/**
 * The line of picoquic's simulator, where its bounds were measured: a byte takes picoseconds >> 20 microseconds, which makes it faster
 * by 2^20 / 10^6, and it carries no headers. 100 MB do not fit into 81.5 s of 10 Mbit/s otherwise: with headers they take 83.7 s.
 */
const PICOQUIC_LINE: Line = { rateGain: 2 ** 20 / 1e6, overheadBytes: 0 };

const scenarios: Readonly<Record<string, () => ScenarioOutcome>> = {
  'handshake-loss': handshakeLoss,
  'transfer-loss-corruption': () =>
    transfer({
      bytes: 10 * MEGABYTE,
      secondsMax: 10,
      link: { delayMs: 20, rateBitsPerSecond: 50e6, loss: 0.02, corruptRatio: 0.02 },
    }),
  blackhole,
  rebinding,
  'long-delay': () =>
    transfer({ bytes: MEGABYTE, secondsMax: 20, link: { delayMs: 750, rateBitsPerSecond: 10e6 } }),
  amplification,
  'cross-traffic': crossTraffic,
  'satellite-250': () => satellite({ down: 250, up: 3, secondsMax: 5.5 }),
  'satellite-250-loss': () => satellite({ down: 250, up: 3, loss: 1 / 64, secondsMax: 8 }),
  'satellite-50': () => satellite({ down: 50, up: 10, secondsMax: 18.2, line: PICOQUIC_LINE }),
  'satellite-10': () => satellite({ down: 10, up: 2, secondsMax: 81.5, line: PICOQUIC_LINE }),
  'satellite-250-picoquic': () => satellite({ down: 250, up: 3, secondsMax: 5.5, line: PICOQUIC_LINE }),
  'satellite-50-headers': () => satellite({ down: 50, up: 10, secondsMax: 19 }),
  'satellite-10-headers': () => satellite({ down: 10, up: 2, secondsMax: 87 }),
};

/** The names that `--scenario` takes. */
export function scenarioNames(): readonly string[] {
  return Object.keys(scenarios);
}

/** Plays one scenario in virtual time. */
export function runScenario(name: string): ScenarioOutcome {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`expected a scenario, got ${name}`);
  return scenario();
}

/** A written plan, played: when each connection's bytes were there, and whether every promise held. */
function play(options: ScenarioOptions): { run: Run; result: RunResult; secondsEach: number[] } {
  const plan: Plan = scenarioPlan(options);
  const run = new Run(plan);
  const result = run.execute();
  const secondsEach = plan.connections.map(({ openAtMs }, index) => {
    const endMs = run.client.applications[index]?.readEverythingAtMs ?? Number.POSITIVE_INFINITY;
    return (endMs - openAtMs) / 1000;
  });
  return { run, result, secondsEach };
}

function brokenPromises({ violations }: RunResult): string {
  return violations.map(({ checker, text }) => `; ${checker}: ${text}`).join('');
}

/** One file from the server to the client. */
function transfer(options: {
  bytes: number;
  secondsMax: number;
  link: ScenarioOptions['toServer'];
  toServer?: ScenarioOptions['toServer'];
  happenings?: ScenarioOptions['happenings'];
}): ScenarioOutcome {
  const { run, result, secondsEach } = play({
    seed: 1,
    toServer: options.toServer ?? options.link,
    toClient: options.link,
    connections: [{ openAtMs: 0, serverSends: options.bytes }],
    ...(options.happenings === undefined ? {} : { happenings: options.happenings }),
  });
  const seconds = secondsEach[0] as number;
  const statistics = run.server.applications[0]?.connection.statistics();
  return {
    isSound: result.violations.length === 0,
    isGoalMet: seconds <= options.secondsMax,
    text:
      `${options.bytes / MEGABYTE} MB in ${seconds.toFixed(2)} s (goal ${options.secondsMax} s), ` +
      `${statistics?.packetsLost} packets lost${brokenPromises(result)}`,
    figure: seconds,
    simulatedMs: seconds * 1000,
  };
}

function satellite(options: {
  down: number;
  up: number;
  loss?: number;
  secondsMax: number;
  line?: Line;
}): ScenarioOutcome {
  const { rateGain, overheadBytes } = options.line ?? PLAIN_LINE;
  const common = { delayMs: 300, loss: options.loss ?? 0, overheadBytes };
  const bitsPerSecond = (megabits: number) => megabits * 1e6 * rateGain;
  return transfer({
    bytes: 100 * MEGABYTE,
    secondsMax: options.secondsMax,
    link: { ...common, rateBitsPerSecond: bitsPerSecond(options.down) },
    toServer: { ...common, rateBitsPerSecond: bitsPerSecond(options.up) },
  });
}

/** Fifty connections in a row, each over a path that loses three of ten packets. */
function handshakeLoss(): ScenarioOutcome {
  const count = 50;
  const times: number[] = [];
  let broken = '';
  for (let seed = 1; seed <= count; seed += 1) {
    const link = { delayMs: 15, loss: 0.3 };
    const { run, result } = play({
      seed,
      toServer: link,
      toClient: link,
      connections: [{ openAtMs: 0, serverSends: 1024 }],
      // The default of 10 s gives up on one of some hundred.
      config: { handshakeTimeoutMs: 20_000 },
      faultsEndMs: 60_000,
    });
    broken += brokenPromises(result);
    const application = run.client.applications[0];
    if (application?.connection.end?.kind === 'finished') times.push(application.establishedAtMs as number);
  }
  times.sort((left, right) => left - right);
  const slowestMs = times.at(-1) ?? Number.POSITIVE_INFINITY;
  return {
    isSound: broken === '',
    isGoalMet: times.length === count,
    text: `${times.length} of ${count} opened and finished, median ${(times[times.length >> 1] ?? 0).toFixed(0)} ms, slowest ${slowestMs.toFixed(0)} ms${broken}`,
    figure: slowestMs / 1000,
    simulatedMs: times.reduce((sum, time) => sum + time, 0),
  };
}

/** The path is cut for two seconds after every five. */
function blackhole(): ScenarioOutcome {
  const periods = 20;
  return transfer({
    bytes: 10 * MEGABYTE,
    secondsMax: 20,
    link: { delayMs: 15, rateBitsPerSecond: 10e6 },
    happenings: Array.from({ length: periods }, (_, index) => ({
      kind: 'partition',
      atMs: 5000 + 7000 * index,
      untilMs: 7000 * (index + 1),
      direction: 'both',
    })),
  });
}

/** A NAT gives the client another port after a second and then every five; each third time it is another host, too. */
function rebinding(): ScenarioOutcome {
  const times = 12;
  return transfer({
    bytes: 20 * MEGABYTE,
    secondsMax: 30,
    link: { delayMs: 15, rateBitsPerSecond: 10e6 },
    happenings: Array.from({ length: times }, (_, index) => ({
      kind: 'rebind',
      atMs: 1000 + 5000 * index,
      host: index % 3 === 2 ? '192.0.2.1' : '10.0.0.1',
      port: 20_000 + index,
    })),
  });
}

/** Spoofed SYNs: what comes back must not be worth it. */
function amplification(): ScenarioOutcome {
  const link = { delayMs: 15, rateBitsPerSecond: 100e6 };
  const { run, result, secondsEach } = play({
    seed: 1,
    toServer: link,
    toClient: { ...link, loss: 0.5 },
    happenings: [{ kind: 'syn-flood', atMs: 1, count: 500, everyMs: 1 }],
    connections: [{ openAtMs: 100, serverSends: 10_000 }],
    faultsEndMs: 60_000,
  });
  const factor = run.amplification.worstFactor;
  return {
    isSound: result.violations.length === 0,
    isGoalMet: factor <= 3 && Number.isFinite(secondsEach[0]),
    text: `at most ${factor.toFixed(2)} times the bytes received went to an address before it was validated${brokenPromises(result)}`,
    figure: factor,
    simulatedMs: result.simulatedMs,
  };
}

/** Two flows on one line, the second a second later: each must get its share. */
function crossTraffic(): ScenarioOutcome {
  const link = { delayMs: 25, rateBitsPerSecond: 20e6 };
  const bytes = 20 * MEGABYTE;
  const { result, secondsEach } = play({
    seed: 1,
    toServer: link,
    toClient: link,
    connections: [
      { openAtMs: 0, serverSends: bytes },
      { openAtMs: 1000, serverSends: bytes },
    ],
  });
  const [first, second] = secondsEach as [number, number];
  const fairness = (first + second) ** 2 / (2 * (first ** 2 + second ** 2));
  return {
    isSound: result.violations.length === 0,
    isGoalMet: fairness >= 0.95,
    text: `20 MB each in ${first.toFixed(2)} s and ${second.toFixed(2)} s, Jain's index of their rates ${fairness.toFixed(3)}${brokenPromises(result)}`,
    figure: fairness,
    simulatedMs: Math.max(first, second + 1) * 1000,
  };
}
