import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Course } from '../src/course.ts';
import { drawPlan, MANNERS } from '../src/plan.ts';
import { playStress } from '../src/run.ts';

// CHAT-SAY-1, CHAT-SAY-2, CHAT-SAY-3, CHAT-SAY-4, CHAT-LOG-3, CHAT-LOG-4. `npm run stress` plays longer ones.
test('under attacks, cut connections and a kill nothing is lost, doubled or left behind (seed 1)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-stress-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const plan = drawPlan('1', { talkers: 4, hostiles: MANNERS.length, kills: 1 });
  // Counted in messages: what comes out does not depend on how fast the machine is.
  const course = new Course({ messages: 80 });
  const result = await playStress({ plan, course, folder, isFromSource: true, isPaced: false });
  expect(result.problems).toEqual([]);
  expect(result.said.accepted).toBeGreaterThanOrEqual(40);
  expect(result.sessionsLeft).toBe(0);
}, 300_000);

test('a run that is interrupted ends at once, with its server, and says why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-stress-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const plan = drawPlan('1', { talkers: 1, hostiles: 0, kills: 0 });
  const course = new Course({ messages: 1_000_000 });
  const interruption = new AbortController();
  const { signal } = interruption;
  const playing = playStress({ plan, course, folder, isFromSource: true, isPaced: false, signal });
  const reached = course.reach(1 / 1_000_000).then(() => interruption.abort(new Error('that is enough')));
  await expect(playing).rejects.toThrow('that is enough');
  await reached;
}, 300_000);

test('the same seed gives the same plan, another one another', () => {
  const size = { talkers: 3, hostiles: 5, kills: 2 };
  expect(drawPlan('7', size)).toEqual(drawPlan('7', size));
  expect(drawPlan('8', size).kills).not.toEqual(drawPlan('7', size).kills);
});
