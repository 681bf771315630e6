import { runReadmeExample } from '@parley/programs';
import { expect, test } from 'vitest';

test('the example of the README prints what the README says', async () => {
  const { printed, promised, complaints } = await runReadmeExample(import.meta.url);
  expect({ printed, complaints }).toEqual({ printed: promised, complaints: '' });
});
