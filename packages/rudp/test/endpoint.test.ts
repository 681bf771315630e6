import { expect, test } from 'vitest';
import { endpointName, TRANSPORT_VERSION } from '../src/index.ts';

test('names the endpoint after the machine and the wire version', () => {
  expect(endpointName().endsWith(`/${TRANSPORT_VERSION}`)).toBe(true);
});
