import { expect, test } from 'vitest';
import { banner } from '../src/index.ts';

test('the banner names the versions', () => {
  expect(banner()).toBe('parley-server: protocol 1, transport 1');
});
