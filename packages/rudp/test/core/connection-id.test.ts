import { expect, test } from 'vitest';
import { ConnectionIdReader, connectionIdAt } from '../../src/core/packets/connection-id.ts';
import { fromHex } from '../support/bytes.ts';

test('a reader of connection ids tells those apart that differ in one byte, and sees an overwritten one', () => {
  const reader = new ConnectionIdReader();
  const packet = fromHex('ffffff0102030405060708ff');
  expect(reader.at(new Uint8Array(8), 0)).toBe('0000000000000000');
  for (let index = 3; index < 11; index += 1) {
    expect(reader.at(packet, 3)).toBe(connectionIdAt(packet, 3));
    packet[index] = 0xee;
    expect(reader.at(packet, 3)).toBe(connectionIdAt(packet, 3));
  }
  expect(reader.at(packet, 3)).toBe('eeeeeeeeeeeeeeee');
});
