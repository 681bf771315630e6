import { expect, test } from 'vitest';
import { createRandom } from '../src/index.ts';

test('the same seed gives the same numbers', () => {
  const first = createRandom(7);
  const second = createRandom(7);
  expect([first(), first(), first()]).toEqual([second(), second(), second()]);
});
