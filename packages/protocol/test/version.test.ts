import { expect, test } from 'vitest';
import { negotiateVersion, PROTOCOL_VERSION, SUPPORTED_VERSIONS } from '../src/index.ts';

const speaks2to4 = { versionMin: 2, versionMax: 4 };

// CHAT-HELLO-2
test('takes the highest version that both sides speak', () => {
  expect(negotiateVersion({ versionMin: 1, versionMax: 9 }, speaks2to4)).toBe(4);
  expect(negotiateVersion({ versionMin: 1, versionMax: 3 }, speaks2to4)).toBe(3);
  expect(negotiateVersion({ versionMin: 4, versionMax: 9 }, speaks2to4)).toBe(4);
  expect(negotiateVersion({ versionMin: 1, versionMax: 2 }, speaks2to4)).toBe(2);
  expect(negotiateVersion(SUPPORTED_VERSIONS)).toBe(PROTOCOL_VERSION);
});

// CHAT-HELLO-3
test('finds no version where the ranges do not meet', () => {
  expect(negotiateVersion({ versionMin: 5, versionMax: 9 }, speaks2to4)).toBeUndefined();
  expect(negotiateVersion({ versionMin: 0, versionMax: 1 }, speaks2to4)).toBeUndefined();
});

test('finds no version in a range whose ends are swapped', () => {
  expect(negotiateVersion({ versionMin: 4, versionMax: 2 }, speaks2to4)).toBeUndefined();
});
