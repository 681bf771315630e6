import { describe, expect, test } from 'vitest';
import { OpeningKeys, SealingKeys } from '../../src/core/keys/key-update.ts';
import { ArrivedPacket } from '../../src/core/packets/arrived-packet.ts';
import { PacketType } from '../../src/core/packets/packet.ts';
import { nodeCryptoProvider } from '../../src/node/crypto-provider.ts';
import { isDataOfPhase } from '../support/data-packet.ts';
import { TransportPair } from '../support/transport-pair.ts';

const source = {
  crypto: nodeCryptoProvider,
  cipherSuite: 'aes-128-gcm',
  trafficSecret: new Uint8Array(32).fill(7),
} as const;

function sealed(keys: SealingKeys, packetNumber: number): ArrivedPacket {
  const packet = new Uint8Array(50);
  packet[0] = PacketType.data;
  keys.seal(packet, 0, packet.length - 16, packetNumber);
  return new ArrivedPacket(packet);
}

// RUDP-KEY-5, RUDP-KEY-6
describe('keys of one direction', () => {
  test('follow the sender through updates, and still open what is late', () => {
    const sealing = new SealingKeys(source);
    const opening = new OpeningKeys(source);
    const late = sealed(sealing, 1);
    expect(opening.open(sealed(sealing, 0), 0, 0)).toBe(true);
    sealing.update(2);
    expect(sealing.phase).toBe(1);
    expect(opening.open(sealed(sealing, 2), 2, 1)).toBe(true);
    expect(opening.phase).toBe(1);
    expect(opening.open(late, 1, 0)).toBe(true);
    expect(opening.phase).toBe(1);
  });

  test('a forged phase bit changes nothing', () => {
    const sealing = new SealingKeys(source);
    const opening = new OpeningKeys(source);
    expect(opening.open(sealed(sealing, 0), 0, 1)).toBe(false);
    expect(opening.phase).toBe(0);
    expect(opening.open(sealed(sealing, 1), 1, 0)).toBe(true);
  });

  test('the same packet never looks the same under two generations', () => {
    const sealing = new SealingKeys(source);
    const first = sealed(sealing, 9);
    sealing.update(9);
    expect(sealed(sealing, 9)).not.toEqual(first);
  });
});

// RUDP-KEY-7
test.each([
  { name: 'a clean path', loss: 0 },
  { name: '10 % loss each way', loss: 0.1 },
])(
  'keys change every 50 packets in both directions over $name, and every byte arrives (seed 5)',
  ({ loss }) => {
    const pair = TransportPair.open({
      seed: 5,
      link: { delayMs: 10, loss, reorderRatio: 0.05 },
      config: { keyUpdatePackets: 50 },
      serverSends: 2_000_000,
      clientSends: 500_000,
    });
    pair.runToEnd();
    expect(pair.ends.client?.end.kind).toBe('finished');
    expect(pair.ends.server?.end.kind).toBe('finished');
    const phasesOf = (records: readonly { firstBytes: Uint8Array }[]) =>
      records.map(({ firstBytes }) => ([0, 1] as const).find((phase) => isDataOfPhase(firstBytes, phase)));
    expect(new Set(phasesOf(pair.trace.records))).toEqual(new Set([undefined, 0, 1]));
    const phases = phasesOf(pair.trace.select({ from: 'server' }));
    const changes = phases.filter((type, index) => index > 0 && type !== phases[index - 1]).length;
    // Once a round trip at most: each update waits for the acknowledgement of the last.
    expect(changes).toBeGreaterThanOrEqual(5);
    expect(pair.serverConnection.statistics().packetsUnauthentic).toBe(0);
  },
);
