import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, InvalidConfigError, parseConfig, type RudpConfig } from '../../src/core/index.ts';

test('fills in what is left out', () => {
  expect(parseConfig({ keepAliveMs: 5000 })).toEqual({ ...DEFAULT_CONFIG, keepAliveMs: 5000 });
});

const LIMITS: readonly (readonly [keyof RudpConfig, number, number])[] = [
  ['fixedWindowPackets', 1, 0],
  ['initialRttMs', 1, 0.5],
  ['handshakeTimeoutMs', 1, 0],
  ['idleTimeoutMs', 1, 0],
  ['keepAliveMs', 0, -1],
  ['ackDelayMsMax', 0, -1],
  ['receiveWindowBytesInitial', 16_384, 16_383],
  ['receiveWindowBytesMax', 1 << 20, (1 << 20) - 1],
  ['sendBufferBytesMax', 16_384, 16_383],
  ['datagramBytesMax', 1200, 1199],
];

test.each(LIMITS)('%s may be %d but not %d', (name, fits, tooSmall) => {
  expect(parseConfig({ [name]: fits })[name]).toBe(fits);
  expect(() => parseConfig({ [name]: tooSmall })).toThrow(InvalidConfigError);
  expect(() => parseConfig({ [name]: Number.NaN })).toThrow(InvalidConfigError);
});

test('needs a cipher', () => {
  expect(() => parseConfig({ cipherSuites: [] })).toThrow(InvalidConfigError);
});

// RUDP-CUBIC-1
test('knows the controllers by name and refuses others', () => {
  for (const congestionController of ['bbr', 'cubic', 'fixed-window'] as const) {
    expect(parseConfig({ congestionController }).congestionController).toBe(congestionController);
  }
  expect(() => parseConfig({ congestionController: 'reno' as never })).toThrow(/one of bbr, cubic/);
});
