import { runReadmeExample } from '@parley/vitest-config/readme';
import { expect, test } from 'vitest';

test('the example of the README prints what the README says', () => {
  const { printed, promised } = runReadmeExample(import.meta.url);
  expect(printed).toBe(promised);
});
