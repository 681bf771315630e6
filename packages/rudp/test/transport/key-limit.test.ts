import { expect, test, vi } from 'vitest';
import { InvalidConfigError, parseConfig, ResetCode } from '../../src/core/index.ts';
import { PacketType } from '../../src/core/packet.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

// The real limit of 2^23 packets would take minutes.
vi.mock('../../src/core/limits.ts', async (original) => ({
  ...(await original<typeof import('../../src/core/limits.ts')>()),
  packetsPerKeyMax: 80,
}));

// RUDP-KEY-8
test('a peer that does not let the keys change is reset when one has sealed all that it may', () => {
  const peer = ScriptedPeer.established({ config: { keyUpdatePackets: 10 } });
  // The script opens and seals under the first keys alone: it confirms nothing that comes after them.
  for (let index = 0; index < 300 && peer.connection.end === undefined; index += 1) {
    peer.send({ type: 'ping' });
    peer.advance(30);
    if (index === 12) peer.acknowledgeAll();
  }
  expect(peer.connection.end).toMatchObject({ kind: 'protocol-violation', code: ResetCode.keyLimitReached });
  const sealed = peer.datagrams.filter(({ bytes }) => bytes[0] === PacketType.dataNextKey);
  // The RESET is the last.
  expect(sealed.length === 81 || peer.packets.length === 81).toBe(true);
});

test('keys that would change too late for that are no setting', () => {
  expect(() => parseConfig({ keyUpdatePackets: 2 ** 22 + 1 })).toThrow(InvalidConfigError);
  expect(parseConfig({ keyUpdatePackets: 2 ** 22 }).keyUpdatePackets).toBe(2 ** 22);
});
