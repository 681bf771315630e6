import { expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../src/index.ts';

test('the protocol has a version', () => {
  expect(PROTOCOL_VERSION).toBe(1);
});
