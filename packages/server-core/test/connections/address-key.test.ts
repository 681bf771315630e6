import { expect, test } from 'vitest';
import { addressKey } from '../../src/node/connections/address-key.ts';

// CHAT-ADMIT-1
test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['127.0.0.1', undefined],
  ['::ffff:127.0.0.9', undefined],
  ['::1', undefined],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  [undefined, undefined],
])('%s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
