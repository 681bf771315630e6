import { createRandom } from '@parley/netsim';
import { expect, test } from 'vitest';
import { AeadFailedError, type CryptoProvider, Endpoint } from '../../src/core/index.ts';
import { withChangedAead } from '../support/changed-aead.ts';
import { seededCrypto } from '../support/seeded-crypto.ts';

const CLIENT_ADDRESS = { host: '10.0.0.1', port: 1000 };
const SERVER_ADDRESS = { host: '10.0.0.2', port: 2000 };

/** Cryptography whose library fails from the moment that `fail` is called. */
function failingCrypto(seed: string): { crypto: CryptoProvider; fail: () => void } {
  const crypto = seededCrypto(createRandom(seed));
  let isBroken = false;
  const check = (): void => {
    if (isBroken) throw new AeadFailedError('a library that broke');
  };
  return {
    fail: () => {
      isBroken = true;
    },
    crypto: withChangedAead(crypto, (aead) => ({
      seal: (...packet) => {
        check();
        aead.seal(...packet);
      },
      open: (...packet) => {
        check();
        return aead.open(...packet);
      },
    })),
  };
}

/** An established connection whose client's library can be broken. */
function establish() {
  const { crypto, fail } = failingCrypto('client');
  const client = new Endpoint({ crypto, acceptsConnections: false });
  const server = new Endpoint({ crypto: seededCrypto(createRandom('server')), acceptsConnections: true });
  const connection = client.connect(0, SERVER_ADDRESS);
  const buffer = new Uint8Array(65_536);
  const carry = (from: Endpoint, to: Endpoint, sender: typeof CLIENT_ADDRESS): void => {
    for (let train = from.pollTransmit(0, buffer); train; train = from.pollTransmit(0, buffer))
      to.handleDatagram(0, sender, buffer.slice(0, train.byteLength), undefined, 0, train.segmentBytes);
  };
  for (let round = 0; round < 3; round += 1) {
    carry(client, server, CLIENT_ADDRESS);
    carry(server, client, SERVER_ADDRESS);
  }
  expect(connection.state).toBe('established');
  return { client, server, connection, buffer, fail };
}

test('a library that fails while it seals ends with its error, and nothing leaves', () => {
  const { client, connection, buffer, fail } = establish();
  connection.write(new Uint8Array(5000).fill(0x55));
  fail();
  expect(() => client.pollTransmit(1, buffer)).toThrow(AeadFailedError);
  expect(connection.statistics().datagramsSent).toBe(2);
});

test('a library that fails while it opens ends with its error, and nothing is delivered', () => {
  const { client, server, connection, buffer, fail } = establish();
  let event = server.pollEvent();
  while (event !== undefined && event.type !== 'connection-accepted') event = server.pollEvent();
  event?.connection.write(new Uint8Array(100));
  const train = server.pollTransmit(1, buffer);
  fail();
  const datagram = buffer.slice(0, train?.byteLength);
  expect(() => client.handleDatagram(1, SERVER_ADDRESS, datagram)).toThrow(AeadFailedError);
  expect(connection.readableBytes).toBe(0);
});
