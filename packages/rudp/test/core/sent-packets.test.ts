import { expect, test } from 'vitest';
import { PacketFate, SentPackets } from '../../src/core/recovery/sent-packets.ts';

// RUDP-PKT-7
test('a number is left out also when its record is the one that makes the rings grow', () => {
  const packets = new SentPackets();
  for (let number = 0; number < 1500; number += 1) {
    packets.skip(0);
    expect(packets.fate[packets.slotOf(number)], `packet ${number}`).toBe(PacketFate.skipped);
  }
});
