import { expect, test, vi } from 'vitest';
import { InvalidConfigError, parseConfig, ResetCode } from '../../src/core/index.ts';
import { isDataOfPhase } from '../support/data-packet.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

// The real limits, of 2^23 packets and more, would take minutes to years.
vi.mock('../../src/core/limits.ts', async (original) => ({
  ...(await original<typeof import('../../src/core/limits.ts')>()),
  PACKETS_PER_KEY_MAX: 80,
  UNAUTHENTIC_PACKETS_MAX: { 'aes-128-gcm': 5, 'chacha20-poly1305': 3 },
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
  const sealed = peer.datagrams.filter(({ bytes }) => isDataOfPhase(bytes, 1));
  // The RESET is the last.
  expect(sealed.length === 81 || peer.packets.length === 81).toBe(true);
});

test('keys that would change too late for that are no setting', () => {
  expect(() => parseConfig({ keyUpdatePackets: 2 ** 22 + 1 })).toThrow(InvalidConfigError);
  expect(parseConfig({ keyUpdatePackets: 2 ** 22 }).keyUpdatePackets).toBe(2 ** 22);
});

// RUDP-KEY-9
test.each([
  { cipherSuite: 'aes-128-gcm', limit: 5 },
  { cipherSuite: 'chacha20-poly1305', limit: 3 },
] as const)(
  '$cipherSuite: forged packets end the connection at the limit of the cipher, not before',
  ({ cipherSuite, limit }) => {
    const peer = ScriptedPeer.established({
      config: { cipherSuites: [cipherSuite] },
      scriptConfig: { cipherSuites: [cipherSuite] },
    });
    const forge = () => {
      const packet = peer.seal(new Uint8Array(30), peer.nextPacketNumber);
      packet.set([1 ^ (packet.at(-1) as number)], packet.length - 1);
      peer.deliver(packet);
    };
    for (let count = 1; count < limit; count += 1) forge();
    expect(peer.connection.end).toBeUndefined();
    // What is authentic between them does not reset the count.
    peer.send({ type: 'ping' });
    forge();
    expect(peer.connection.end).toMatchObject({
      kind: 'protocol-violation',
      code: ResetCode.keyLimitReached,
    });
    expect(peer.frames.at(-1)).toMatchObject({ type: 'reset', code: ResetCode.keyLimitReached });
  },
);
