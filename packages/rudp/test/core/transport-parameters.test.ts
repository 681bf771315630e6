import { expect, test } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import {
  decodeParameters,
  encodeParameters,
  parametersOf,
  type TransportParameters,
} from '../../src/core/handshake/transport-parameters.ts';
import { ByteReader, MalformedPacketError } from '../../src/core/structures/byte-reader.ts';
import { ByteWriter } from '../../src/core/structures/byte-writer.ts';
import { fromHex, toHex } from '../support/bytes.ts';

const PARAMETERS: TransportParameters = {
  idleTimeoutMs: 30_000,
  initialMaxData: 1_048_576,
  ackDelayMsMax: 25,
  datagramBytesMax: 1472,
  cipherSuites: ['aes-128-gcm', 'chacha20-poly1305'],
};

const GOLDEN = {
  idleTimeout: '01 04 80007530',
  initialMaxData: '02 04 80100000',
  ackDelayMax: '03 01 19',
  datagramBytesMax: '04 02 45c0',
  cipherSuites: '05 02 0102',
};

function block(...digits: readonly string[]): Uint8Array {
  const body = fromHex(digits.join(''));
  return Uint8Array.of(body.length >> 8, body.length & 0xff, ...body);
}

function decode(bytes: Uint8Array): TransportParameters {
  return decodeParameters(new ByteReader(bytes));
}

// RUDP-PARAM-1
test('golden bytes, both ways', () => {
  const writer = new ByteWriter(new Uint8Array(100));
  encodeParameters(writer, PARAMETERS);
  const expected = block(...Object.values(GOLDEN));
  expect(toHex(writer.bytes.subarray(0, writer.position))).toBe(toHex(expected));
  expect(decode(expected)).toEqual(PARAMETERS);
});

// RUDP-PARAM-1
test('their order means nothing, and what follows the block is not touched', () => {
  const reader = new ByteReader(Uint8Array.of(...block(...Object.values(GOLDEN).reverse()), 0xee, 0xff));
  expect(decodeParameters(reader)).toEqual(PARAMETERS);
  expect(reader.remaining).toBe(2);
});

// RUDP-PARAM-2
test('unknown ids are skipped, whatever their length', () => {
  expect(decode(block('0a 00', ...Object.values(GOLDEN), '4123 03 aabbcc'))).toEqual(PARAMETERS);
});

// RUDP-PARAM-2
test('unknown ciphers are skipped', () => {
  expect(decode(block(...Object.values({ ...GOLDEN, cipherSuites: '05 03 07 02 ff' }))).cipherSuites).toEqual(
    ['chacha20-poly1305'],
  );
});

// RUDP-PARAM-1, RUDP-PARAM-2
test.each(['idleTimeout', 'initialMaxData', 'ackDelayMax', 'datagramBytesMax'] as const)(
  '%s must be there',
  (missing) => {
    const present = Object.entries(GOLDEN).filter(([name]) => name !== missing);
    expect(() => decode(block(...present.map(([, digits]) => digits)))).toThrow(MalformedPacketError);
  },
);

// RUDP-PARAM-2
test.each([
  ['an idle timeout of 0', { idleTimeout: '01 01 00' }, false],
  ['an idle timeout of 1', { idleTimeout: '01 01 01' }, true],
  ['a datagram size of 1,199', { datagramBytesMax: '04 02 44af' }, false],
  ['a datagram size of 1,200', { datagramBytesMax: '04 02 44b0' }, true],
  ['an initial grant of 0', { initialMaxData: '02 01 00' }, true],
])('%s: fine is %s', (_name, changed, isFine) => {
  const decoding = () => decode(block(...Object.values({ ...GOLDEN, ...changed })));
  if (isFine) expect(decoding).not.toThrow();
  else expect(decoding).toThrow(MalformedPacketError);
});

test('a block that is cut off anywhere is malformed', () => {
  const whole = block(...Object.values(GOLDEN));
  for (let length = 0; length < whole.length; length += 1) {
    expect(() => decode(whole.subarray(0, length))).toThrow(MalformedPacketError);
  }
});

test('a value that is longer than the block is malformed', () => {
  expect(() => decode(block(...Object.values(GOLDEN), '06 40ff'))).toThrow(MalformedPacketError);
});

test('follow from the configuration, durations rounded up to whole milliseconds', () => {
  const config = parseConfig({ idleTimeoutMs: 1000.2, ackDelayMsMax: 0.5, datagramBytesMax: 1300 });
  expect(parametersOf(config, ['aes-128-gcm'])).toEqual({
    idleTimeoutMs: 1001,
    initialMaxData: config.receiveWindowBytesInitial,
    ackDelayMsMax: 1,
    datagramBytesMax: 1300,
    cipherSuites: ['aes-128-gcm'],
  });
});
