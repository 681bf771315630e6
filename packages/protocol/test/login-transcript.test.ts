import { expect, test } from 'vitest';
import { type Challenge, loginTranscript, type PublicKey } from '../src/index.ts';
import { toHex } from './support.ts';

const transcript = {
  challenge: Uint8Array.from({ length: 32 }, (_, index) => index) as Challenge,
  serverName: 'Den',
  fingerprint: 'SHA256:x',
  nickname: 'Zoë',
  publicKey: Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index) as PublicKey,
};

// CHAT-KEY-2
test('what is signed has these bytes', () => {
  expect(toHex(loginTranscript(transcript))).toBe(
    [
      '000e 7061726c6579206c6f67696e2031',
      '0020 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      '0003 44656e',
      '0008 5348413235363a78',
      '0004 5a6fc3ab',
      '0020 808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

// CHAT-KEY-2
test('no part can be moved into its neighbour', () => {
  const moved = { ...transcript, serverName: 'De', fingerprint: 'nSHA256:x' };
  expect(toHex(loginTranscript(moved))).not.toBe(toHex(loginTranscript(transcript)));
});
