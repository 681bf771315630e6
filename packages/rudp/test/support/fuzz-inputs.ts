import type { Random } from '@parley/netsim';
import { concatenate } from './bytes.ts';
import type { Frame } from './frames.ts';

/** A byte that a packet may begin with. */
function anyType(random: Random): number {
  return random.pick([0x01, 0x02, 0x03, 0x04, 0x05, 0x40, 0x41, 0x40 + random.integer(0, 15)]);
}

/** Any bytes, about half of them dressed up as one of the packet types with a fitting length. */
export function anyDatagram(random: Random): Uint8Array {
  const bytes = random.bytes(random.pick([0, 1, 2, 10, 11, 15, 21, 22, 23, 31, 32, 100, 1199, 1200, 1472]));
  if (bytes.length < 3 || random.chance(0.5)) return bytes;
  bytes[0] = anyType(random);
  new DataView(bytes.buffer).setUint16(1, bytes.length);
  return bytes;
}

/** What an attacker makes of datagrams that it has seen. */
export function mutated(random: Random, seen: readonly Uint8Array[]): Uint8Array {
  const genuine = random.pick(seen);
  const bytes = genuine.slice();
  switch (random.integer(0, 8)) {
    case 0: {
      for (let count = random.integer(1, 8); count > 0; count -= 1)
        bytes[random.integer(0, bytes.length - 1)] = random.bits();
      return bytes;
    }
    case 1:
      return bytes.slice(0, random.integer(0, bytes.length));
    case 2: {
      const other = random.pick(seen);
      return concatenate(
        bytes.subarray(0, random.integer(0, bytes.length)),
        other.subarray(random.integer(0, other.length)),
      );
    }
    case 3:
      return concatenate(bytes, random.pick(seen), random.bytes(random.integer(0, 40)));
    case 4: {
      new DataView(bytes.buffer).setUint16(1, random.integer(0, 65_535));
      return bytes;
    }
    case 5: {
      bytes[0] = random.pick([anyType(random), random.integer(0, 255)]);
      return bytes;
    }
    case 6: {
      // A genuine header with another packet number.
      if (bytes.length >= 15) new DataView(bytes.buffer).setUint16(random.pick([5, 9]), random.bits());
      return bytes;
    }
    case 7: {
      bytes.fill(random.integer(0, 255), random.integer(0, bytes.length));
      return bytes;
    }
    default:
      return bytes;
  }
}

/** A frame with values at and around the limits. */
export function anyFrame(random: Random, endpointPackets: number): Frame {
  const integer = () =>
    random.pick([0, 1, 5, 63, 64, 1000, 16_384, 1 << 20, 2 ** 32, Number.MAX_SAFE_INTEGER - 1]);
  switch (random.integer(0, 9)) {
    case 0:
      return { type: 'ping' };
    case 1:
      return { type: 'max-data', bytesMax: integer() };
    case 2:
      return random.chance(0.2) ? { type: 'fin', finalSize: integer() } : { type: 'padding' };
    case 3:
      return { type: 'handshake-ack' };
    case 4:
      return random.chance(0.05)
        ? { type: 'reset', code: integer(), reason: 'x'.repeat(random.integer(0, 128)) }
        : { type: 'ping' };
    case 5:
    case 6: {
      const end = random.integer(1, Math.max(1, endpointPackets + (random.chance(0.1) ? 2 : 0)));
      const start = random.integer(0, end - 1);
      return { type: 'ack', delayMs: random.pick([0, 1, 25, 1e6]), ranges: [[start, end]] };
    }
    default: {
      const offset = random.chance(0.1) ? integer() : random.integer(0, 5000);
      return { type: 'stream', offset, bytes: random.bytes(random.integer(0, 300)) };
    }
  }
}
