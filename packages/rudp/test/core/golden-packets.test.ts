import { createDecipheriv, createHash, createHmac, createPrivateKey, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { Endpoint } from '../../src/core/index.ts';
import { keyPairFromPrivateKey } from '../../src/node/crypto-provider.ts';
import type { ServerIdentityKey } from '../../src/node/server-identity.ts';
import { concatenate, fromHex, toHex } from '../support/bytes.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { fixedIdentity } from '../support/fixed-identity.ts';
import { patternAt } from '../support/pattern.ts';
import { PLAIN_WINDOW } from '../support/plain-window.ts';

const CLIENT_ADDRESS = { host: '192.0.2.1', port: 1111 };
const SERVER_ADDRESS = { host: '192.0.2.2', port: 2222 };
const CONFIG = { ...PLAIN_WINDOW, datagramBytesMax: 1200 };
const resetSecret = new Uint8Array(32).fill(0xc3);
const preSharedKey = { identity: new Uint8Array(16).fill(0xa1), key: new Uint8Array(32).fill(0xb2) };

function drain(endpoint: Endpoint, now: number): Uint8Array[] {
  const buffer = new Uint8Array(65_536);
  const datagrams: Uint8Array[] = [];
  for (;;) {
    const train = endpoint.pollTransmit(now, buffer);
    if (train === undefined) return datagrams;
    for (let start = 0; start < train.byteLength; start += train.segmentBytes)
      datagrams.push(buffer.slice(start, Math.min(start + train.segmentBytes, train.byteLength)));
  }
}

/** SYN, SYN-ACK, the packet with the client's ACK and first bytes, and what the server answers: the same in every run. */
function exchange(identity?: ServerIdentityKey): {
  syn: string;
  synAck: string;
  first: string;
  answer: string;
} {
  const client = new Endpoint({ crypto: fixedCrypto(0x80), config: CONFIG, acceptsConnections: false });
  const server = new Endpoint({
    crypto: fixedCrypto(0x10),
    config: CONFIG,
    acceptsConnections: true,
    acceptPreSharedKey: () => ({ key: preSharedKey.key }),
    resetSecret,
    identity,
  });
  const connection = client.connect(0, SERVER_ADDRESS, { preSharedKey });
  const pass = (from: Endpoint, to: Endpoint, remote: typeof CLIENT_ADDRESS, now: number): string => {
    const [datagram, ...others] = drain(from, now);
    expect(others).toEqual([]);
    const digits = toHex(datagram as Uint8Array);
    to.handleDatagram(now, remote, datagram as Uint8Array);
    return digits;
  };
  const syn = pass(client, server, CLIENT_ADDRESS, 0);
  const synAck = pass(server, client, SERVER_ADDRESS, 20);
  connection.write(patternAt(0, 4));
  connection.finish();
  const first = pass(client, server, CLIENT_ADDRESS, 40);
  const answer = pass(server, client, SERVER_ADDRESS, 60);
  return { syn, synAck, first, answer };
}

const SYN = {
  header: '01 04b0 0000000000000000 00000001 8080808080808080',
  publicKey: '00f81ab0eb0e18ddb5e247d38f25c7a352c39fc77a74cb3f739d309f69ee4878',
  identity: '10 a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1',
  parameters: '0017 010480007530 020480100000 030119 040244b0 05020102',
  binder: '0cc9b6403223a72c1d893a484c7aca05',
};

const SYN_ACK = {
  header: '02 0071 8080808080808080 00000001 1010101010101010',
  publicKey: '7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13',
  parameters: '0028 010480007530 020480100000 030119 040244b0 050101',
  resetToken: '0710 51750544cce6d8b9ff51b11faf5d8f69',
  confirmation: 'bdb4a31176a0af479a5e3f134299cd63',
};

const FIRST = '42 10101010 0000 f298a071f04db011d5f3c8fc1a86fd78c0fc26f30d29263f0eb2';
const ANSWER = '42 80808080 0000 e48d1a7c78727ede37f59471ad993a3896f86de8b1f2';

/** The bytes of the parts, zeros before the last so that the whole has this size. */
function padded(parts: Readonly<Record<string, string>>, bytes: number): Uint8Array {
  const all = Object.values(parts).map(fromHex);
  const last = all.pop() as Uint8Array;
  const begin = concatenate(...all);
  return concatenate(begin, new Uint8Array(bytes - begin.length - last.length), last);
}

// RUDP-SYN-1, RUDP-PKT-3
test('golden bytes of a whole exchange', () => {
  expect(exchange()).toEqual({
    syn: toHex(padded(SYN, 1200)),
    synAck: toHex(padded(SYN_ACK, 113)),
    first: toHex(fromHex(FIRST)),
    answer: toHex(fromHex(ANSWER)),
  });
});

/** `Label` of docs/spec/rudp.md, from its text. */
function label(secret: Uint8Array, name: string, context: Uint8Array, bytes: number): Buffer {
  const text = Buffer.from(`rudp1 ${name}`);
  const parts = [[0, bytes, text.length], text, [context.length], context, [1]];
  const information = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  return createHmac('sha256', secret).update(information).digest().subarray(0, bytes);
}

function hmac(key: Uint8Array | string, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** The secrets of the exchange above, from the text of docs/spec/rudp.md and the private key of one side. */
function secretsFromTheText() {
  const early = hmac('parley rudp v1 salt', preSharedKey.key);
  const shared = keyPairFromPrivateKey(new Uint8Array(32).fill(0x81)).agree(fromHex(SYN_ACK.publicKey));
  const handshake = hmac(label(early, 'derived', new Uint8Array(0), 32), shared as Uint8Array);
  const unconfirmed = padded(SYN_ACK, 113).subarray(0, 113 - 16);
  const transcript = createHash('sha256').update(padded(SYN, 1200)).update(unconfirmed).digest();
  return {
    resetMask: label(handshake, 'reset token', new Uint8Array(0), 16),
    binderKey: label(early, 'binder', new Uint8Array(0), 32),
    confirmationKey: label(handshake, 'confirmation', transcript, 32),
    client: label(handshake, 'client traffic', transcript, 32),
    server: label(handshake, 'server traffic', transcript, 32),
  };
}

/** The frames of a packet with number 0, decrypted with nothing of ours. */
function openFromTheText(packet: Uint8Array, secret: Uint8Array): string {
  const none = new Uint8Array(0);
  const decipher = createDecipheriv(
    'aes-128-gcm',
    label(secret, 'key', none, 16),
    label(secret, 'nonce', none, 12),
  );
  decipher.setAAD(packet.subarray(0, 7));
  decipher.setAuthTag(packet.subarray(packet.length - 16));
  return Buffer.concat([decipher.update(packet.subarray(7, packet.length - 16)), decipher.final()]).toString(
    'hex',
  );
}

// RUDP-SYN-2, RUDP-SYN-5, RUDP-KEY-1, RUDP-KEY-2
test('binder and confirmation are those of the specification', () => {
  const secrets = secretsFromTheText();
  const bound = padded(SYN, 1200).subarray(0, 1184);
  expect(hmac(secrets.binderKey, bound).subarray(0, 16).toString('hex')).toBe(SYN.binder);
  const confirmed = padded(SYN_ACK, 113).subarray(0, 97);
  expect(hmac(secrets.confirmationKey, confirmed).subarray(0, 16).toString('hex')).toBe(SYN_ACK.confirmation);
});

// RUDP-STATELESS-1, RUDP-STATELESS-2
test('the reset token is masked with a key of the handshake', () => {
  const id = fromHex(SYN_ACK.header).subarray(-8);
  const token = hmac(resetSecret, id).subarray(0, 16);
  const { resetMask } = secretsFromTheText();
  const masked = token.map((byte, index) => byte ^ (resetMask[index] as number));
  expect(`0710${toHex(masked)}`).toBe(SYN_ACK.resetToken.replaceAll(' ', ''));
});

// RUDP-PKT-3, RUDP-PKT-4, RUDP-KEY-3, RUDP-KEY-4
test('DATA packets open with the keys of the specification, the header being associated data', () => {
  const { client, server } = secretsFromTheText();
  // HANDSHAKE-ACK, STREAM of 4 bytes at 0, FIN with final size 4.
  expect(openFromTheText(fromHex(FIRST), client)).toBe('06' + '280004001f3e5d' + '0504');
  // ACK of packet 0, which waited 20 ms (2,500 units of 8 µs) for the test to ask for an answer.
  expect(openFromTheText(fromHex(ANSWER), server)).toBe('02' + '0049c40000');
});

// RUDP-IDENTITY-1, RUDP-IDENTITY-2
test('the identity of a server is the last parameter, masked, and signs what stands before the signature', () => {
  const identity = fixedIdentity(0x51);
  expect(toHex(identity.publicKey)).toBe('c050c5637a44fa8629fff3cccce2300cb362a63d99d95fc54145266f4332445a');
  const packet = fromHex(exchange(identity).synAck);
  expect(packet.length).toBe(113 + 99);
  // The parameter with its id and its length, then the confirmation.
  expect(toHex(packet.subarray(97, 100))).toBe('094060');
  const proof = packet.subarray(100, 196);
  const early = hmac('parley rudp v1 salt', preSharedKey.key);
  const shared = keyPairFromPrivateKey(new Uint8Array(32).fill(0x81)).agree(fromHex(SYN_ACK.publicKey));
  const handshake = hmac(label(early, 'derived', new Uint8Array(0), 32), shared as Uint8Array);
  const information = Buffer.concat([
    Buffer.of(0, 96, 21),
    Buffer.from('rudp1 server identity'),
    Buffer.of(0),
  ]);
  const blocks: Buffer[] = [];
  for (let count = 1; count <= 3; count += 1)
    blocks.push(
      hmac(handshake, Buffer.concat([blocks.at(-1) ?? Buffer.of(), information, Buffer.of(count)])),
    );
  const mask = Buffer.concat(blocks);
  const shown = proof.map((byte, index) => byte ^ (mask[index] as number));
  expect(toHex(shown.subarray(0, 32))).toBe(toHex(identity.publicKey));
  const before = createHash('sha256').update(padded(SYN, 1200)).update(packet.subarray(0, 132)).digest();
  const message = Buffer.concat([Buffer.from('parley rudp v1 server identity'), identity.publicKey, before]);
  expect(toHex(shown.subarray(32))).toBe(sign(null, message, createPrivateKey(identity.pem)).toString('hex'));
  expect(toHex(packet.subarray(97))).toBe(
    '094060d86380061294c1c97162e5940c5bb508c81920031ad6bc6358978a3c8e968fe43ffc3ee729dea15574e3cf9f6d4902b80788520d7dba702f44b03f60df140b4fa9d771a3a2a52d47a8d3c6c03d61d0f647e7d7db8a7722408eee74aedaffae2fc7ba30e4d89bcf3f80013f7494483e78',
  );
});
