import { expect, test } from 'vitest';
import { serverVersions } from '../src/index.ts';

test('speaks the first versions', () => {
  expect(serverVersions()).toEqual({ protocol: 1, transport: 1 });
});
