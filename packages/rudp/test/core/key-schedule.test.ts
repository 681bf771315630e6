import { describe, expect, test } from 'vitest';
import {
  binderKey,
  derivePacketKey,
  deriveTrafficSecrets,
  expandLabel,
} from '../../src/core/keys/key-schedule.ts';
import { PacketProtection } from '../../src/core/keys/packet-protection.ts';
import { ArrivedPacket } from '../../src/core/packets/arrived-packet.ts';
import { nodeCryptoProvider as crypto } from '../../src/node/crypto-provider.ts';
import { fromHex, toHex } from '../support/bytes.ts';

/** The bytes `first`, `first + 1` and so on, 32 of them. */
const counting = (first: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, index) => first + index);

// Every literal was computed from the text of docs/spec/rudp.md by a program in another language.
const vectors = [
  {
    name: 'with a pre-shared key',
    preSharedKey: counting(0),
    binder: '1e4c10b14605d016c762f7e7f83c46b460546a5fd3683eb7b0e1312f233e57aa',
    client: '26afaf47f1d7f432bb7c8f9a11c0f95445e69d9704fabaf7714cb45e01197e89',
    server: '7d46b756f7271b3c03bdc1fbdb640e15068e74befd9d8b597049b341ff4a2dc5',
    confirmation: '1b0a13dba996b21ad40638fcb92245e55cb57fbae58d5e9f38dacc391065c59b',
  },
  {
    name: 'without one',
    preSharedKey: undefined,
    binder: '322d43ae4dff881b0bce156f65b146eb59eecec29ea91b36093f8fe16b9d382e',
    client: '9a3d59159055c3ce47371cb6c3c6d5b98964503615b14b2f9f2ac67df4573592',
    server: '63dcebeeeb07db5076f49c72a6fa0a5352e4ba50c175ffad147551e163b248c0',
    confirmation: '603a73e4fe30480445929eb4f7ae53ac2b056ab009d0bf527a34fd520376b626',
  },
];

// RUDP-KEY-1, RUDP-KEY-2
test.each(vectors)('derives the secrets of the specification $name', (vector) => {
  const { preSharedKey } = vector;
  const secrets = deriveTrafficSecrets(crypto, {
    preSharedKey,
    sharedSecret: counting(0x40),
    transcriptHash: counting(0x80),
  });
  expect(toHex(binderKey(crypto, preSharedKey))).toBe(vector.binder);
  expect({
    client: toHex(secrets.client),
    server: toHex(secrets.server),
    confirmation: toHex(secrets.confirmationKey),
  }).toEqual({ client: vector.client, server: vector.server, confirmation: vector.confirmation });
});

// RUDP-KEY-3
test('derives the packet keys and the nonce base of the specification', () => {
  const secret = fromHex('26afaf47f1d7f432bb7c8f9a11c0f95445e69d9704fabaf7714cb45e01197e89');
  const keys: string[] = [];
  const recording = {
    ...crypto,
    createAeadKey: (suite: 'aes-128-gcm' | 'chacha20-poly1305', key: Uint8Array) => {
      keys.push(toHex(key));
      return crypto.createAeadKey(suite, key);
    },
  };
  expect(toHex(derivePacketKey(recording, 'aes-128-gcm', secret).nonceBase)).toBe('6d6d20f27493234e44069ea3');
  expect(toHex(derivePacketKey(recording, 'chacha20-poly1305', secret).nonceBase)).toBe(
    '6d6d20f27493234e44069ea3',
  );
  expect(keys).toEqual([
    '7296ad50985885e3bec25029160be515',
    '8f68ec7fce9e21c250e530d93a040ec353902e5ae8d220be8294b36de2e83043',
  ]);
});

test('a label of another name, context or length gives unrelated bytes', () => {
  const none = new Uint8Array(0);
  const derived = [
    expandLabel(crypto, counting(0), 'key', none, 32),
    expandLabel(crypto, counting(0), 'nonce', none, 32),
    expandLabel(crypto, counting(0), 'key', counting(1), 32),
    expandLabel(crypto, counting(0), 'key', none, 16),
  ].map((bytes) => toHex(bytes.subarray(0, 16)));
  expect(new Set(derived).size).toBe(derived.length);
});

describe('the nonce of a packet', () => {
  // RUDP-KEY-4
  test.each([
    [0, '0102030405060708090a0b0c'],
    [1, '0102030405060708090a0b0d'],
    [0x1234, '0102030405060708090a1938'],
    [2 ** 32 + 5, '0102030405060709090a0b09'],
    [Number.MAX_SAFE_INTEGER, '010203040519f8f7f6f5f4f3'],
  ])('of number %d is the base XOR the number', (packetNumber, digits) => {
    const nonces: string[] = [];
    const aead = {
      library: 'test',
      seal: (nonce: Uint8Array) => void nonces.push(toHex(nonce)),
      open: (nonce: Uint8Array) => nonces.push(toHex(nonce)) > 0,
    };
    const protection = new PacketProtection({ aead, nonceBase: fromHex('0102030405060708090a0b0c') });
    protection.seal(new Uint8Array(40), 0, 20, packetNumber);
    protection.open(new ArrivedPacket(new Uint8Array(40)), packetNumber);
    expect(nonces).toEqual([digits, digits]);
  });
});
