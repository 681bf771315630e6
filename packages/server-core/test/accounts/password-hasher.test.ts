import { expect, test } from 'vitest';
import { PasswordHasher } from '../../src/node/accounts/password-hasher.ts';
import { PASSWORD_SCRYPT } from '../../src/node/limits.ts';

// CHAT-PASSWORD-2
test('a hash is salted, tells its parameters, and fits its password alone', async () => {
  const hasher = new PasswordHasher();
  const [one, other] = await Promise.all([hasher.hash('all hands'), hasher.hash('all hands')]);
  expect(one).toMatchObject({ algorithm: 'scrypt', ...PASSWORD_SCRYPT });
  expect(one.hash).not.toBe(other.hash);
  const checks = [
    hasher.check('all hands', one),
    hasher.check('all hands', other),
    hasher.check('all feet', one),
    hasher.check('all hands', { ...one, hash: '' }),
    hasher.check('all hands', undefined),
  ];
  expect(await Promise.all(checks)).toEqual([true, true, false, false, false]);
});

// CHAT-PASSWORD-2
test('a hash of other parameters is checked with those', async () => {
  const known = {
    algorithm: 'scrypt',
    cost: 1_024,
    blockSize: 8,
    parallelization: 16,
    // RFC 7914, section 12, the second vector, cut to 32 bytes.
    salt: Buffer.from('NaCl').toString('base64'),
    hash: Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex').toString(
      'base64',
    ),
  } as const;
  expect(await new PasswordHasher().check('password', known)).toBe(true);
});
