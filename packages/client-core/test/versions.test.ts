import { expect, test } from 'vitest';
import { clientVersions } from '../src/index.ts';

test('speaks the first versions', () => {
  expect(clientVersions()).toEqual({ protocol: 1, transport: 1 });
});
