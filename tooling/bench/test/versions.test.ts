import { PROTOCOL_VERSION } from '@parley/protocol';
import { expect, test } from 'vitest';

test('measures the first protocol version', () => {
  expect(PROTOCOL_VERSION).toBe(1);
});
