import { expect, test } from 'vitest';
import { runScenario, scenarioNames } from '../src/scenarios/scenarios.ts';

test.each([
  'handshake-loss',
  'transfer-loss-corruption',
  'blackhole',
  'rebinding',
  'long-delay',
  'amplification',
  'cross-traffic',
  'satellite-250',
])('scenario %s keeps every promise and meets its goal', (name) => {
  const { isSound, isGoalMet, text } = runScenario(name);
  expect({ isSound, isGoalMet }, text).toEqual({ isSound: true, isGoalMet: true });
});

test('the long scenarios have names as well', () => {
  expect(scenarioNames()).toEqual(expect.arrayContaining(['satellite-250-loss', 'satellite-10']));
  expect(() => runScenario('no such thing')).toThrow('expected a scenario, got no such thing');
});
