// Whose turn it is among transfers that wait.
import { expect, test } from 'vitest';
import { Scenario } from '../support/scenario.ts';
import { end, get, stateOf } from '../support/transfer-scenario.ts';

const CANCELLED = { kind: 'cancelled' } as const;

/** Five downloads, of which the first four have begun, and so many that wait. */
function waiting(count: number) {
  const scenario = Scenario.registered('ann');
  const numbers = Array.from({ length: 4 + count }, (_, index) => get(scenario, `file-${index}`));
  const begun = () => numbers.filter((number) => stateOf(scenario, number) === 'requested');
  return { scenario, numbers, begun };
}

test('the most urgent begins first, and equals in the order of the requests', () => {
  const { scenario, begun } = waiting(4);
  scenario.command({ type: 'prioritize-transfer', number: 5, priority: 'low' });
  scenario.command({ type: 'prioritize-transfer', number: 8, priority: 'high' });
  expect(begun()).toEqual([1, 2, 3, 4]);
  end(scenario, 1, CANCELLED);
  expect(begun()).toEqual([2, 3, 4, 8]);
  end(scenario, 2, CANCELLED);
  end(scenario, 3, CANCELLED);
  expect(begun()).toEqual([4, 6, 7, 8]);
  end(scenario, 4, CANCELLED);
  expect(begun()).toEqual([5, 6, 7, 8]);
});

test('what has begun goes on, whatever becomes more urgent', () => {
  const { scenario, begun } = waiting(1);
  const command = scenario.command({ type: 'prioritize-transfer', number: 4, priority: 'low' });
  expect(scenario.resultOf(command)).toMatchObject({ number: 4, priority: 'low' });
  scenario.command({ type: 'prioritize-transfer', number: 5, priority: 'high' });
  expect(begun()).toEqual([1, 2, 3, 4]);
});

test('there is no priority for what is over or unknown', () => {
  const { scenario } = waiting(0);
  end(scenario, 1, CANCELLED);
  const over = scenario.command({ type: 'prioritize-transfer', number: 1, priority: 'high' });
  const unknown = scenario.command({ type: 'prioritize-transfer', number: 99, priority: 'high' });
  expect(scenario.errorOf(over)).toMatchObject({ code: 'transfer-not-open' });
  expect(scenario.errorOf(unknown)).toMatchObject({ code: 'transfer-unknown' });
});

test('as many are open as the program wants', () => {
  const scenario = Scenario.registered('ann', 0, { transfersOpenMax: 2 });
  const numbers = ['a', 'b', 'c'].map((name) => get(scenario, name));
  expect(numbers.map((number) => stateOf(scenario, number))).toEqual(['requested', 'requested', 'waiting']);
});
