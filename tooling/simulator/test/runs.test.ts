import { describe, expect, test } from 'vitest';
import { describePlan } from '../src/plan/describe-plan.ts';
import { drawPlan } from '../src/plan/draw-plan.ts';
import type { Plan } from '../src/plan/plan.ts';
import { reportFailure } from '../src/report/report-failure.ts';
import { Run } from '../src/run.ts';

const FIRST_SEED = 1;
const SEED_COUNT = 40;
function violationsOf(seed: number): string {
  const { violations } = new Run(drawPlan(seed)).execute();
  return violations.length === 0 ? '' : reportFailure(seed, violations);
}

test(`seeds ${FIRST_SEED} to ${FIRST_SEED + SEED_COUNT - 1} keep every promise`, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed += 1) expect(violationsOf(seed)).toBe('');
});

describe('a seed', () => {
  test('draws the same plan and gives the same run each time', () => {
    expect(drawPlan(7)).toEqual(drawPlan(7));
    expect(drawPlan(7)).not.toEqual(drawPlan(8));
    const outcome = () => {
      const { datagrams, simulatedMs, ends } = new Run(drawPlan(7)).execute();
      return { datagrams, simulatedMs, ends };
    };
    expect(outcome()).toEqual(outcome());
  });

  test('draws every kind of fault and every way of use within a few hundred', () => {
    const plans = Array.from({ length: 400 }, (_, seed) => drawPlan(seed));
    const kinds = new Set(plans.flatMap(({ happenings }) => happenings.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([
      'clock-jump',
      'endpoint-close',
      'forgery',
      'line-change',
      'partition',
      'rebind',
      'restart',
      'sleep',
      'syn-flood',
    ]);
    const connections = plans.flatMap((plan) => plan.connections);
    const sizes = connections.map(({ server }) => server.sendBytes);
    expect(sizes).toEqual(expect.arrayContaining([0, 1]));
    expect(Math.max(...sizes)).toBeGreaterThan(1_000_000);
    expect(connections.some(({ client }) => client.reset !== undefined)).toBe(true);
    expect(new Set(plans.map(({ crypto }) => crypto))).toEqual(new Set(['insecure', 'node']));
  });

  test('is explained when it fails: what was broken, the plan, and the command that replays it', () => {
    const text = reportFailure(7, [{ atMs: 1.5, checker: 'liveness', text: 'never ended' }]);
    expect(text).toContain('1.500 ms  liveness: never ended');
    expect(text).toContain('to server: delayMs');
    expect(text).toContain('replay: npm run sim -- --seed 7 --runs 1 --trace');
    expect(describePlan(drawPlan(7))).toContain('connection 0:');
  });
});

describe('a run whose promises cannot hold is found out', () => {
  const gentle = Array.from({ length: 100 }, (_, seed) => drawPlan(seed)).find(
    (plan) => plan.isGentle,
  ) as Plan;

  const [connection] = gentle.connections;
  if (connection === undefined) throw new Error('expected a connection');
  const config = { keepAliveMs: 1000, idleTimeoutMs: 30_000 };
  const endless: Plan = {
    ...gentle,
    configs: { client: config, server: config },
    connections: [
      {
        ...connection,
        key: 'right',
        // Two that wait for each other.
        client: { ...connection.client, finishes: 'after-reading', reset: undefined },
        server: { ...connection.server, finishes: 'after-reading', reset: undefined },
      },
    ],
  };

  test('by an end that its plan does not explain', () => {
    const { faultsEndMs } = gentle;
    const cut: Plan = {
      ...gentle,
      happenings: [{ kind: 'partition', atMs: 0, untilMs: 100_000, direction: 'both' }],
      faultsEndMs: Math.max(faultsEndMs, 100_000),
    };
    expect(new Run(cut).execute().violations.map(({ checker }) => checker)).toContain('explained end');
  });

  test('by a connection that never ends', () => {
    expect(new Run(endless).execute().violations.map(({ checker }) => checker)).toContain('liveness');
  });

  test('by a silence that begins when nothing disturbs any more', () => {
    const silent: Plan = {
      ...endless,
      isGentle: false,
      faultsEndMs: 50,
      happenings: [{ kind: 'partition', atMs: 100_000, untilMs: 300_000, direction: 'both' }],
    };
    const found = new Run(silent).execute().violations;
    expect(found.map(({ text }) => text).join()).toContain('nothing disturbed them any more');
  });
});
