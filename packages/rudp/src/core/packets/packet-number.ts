/**
 * Fewest bytes of a packet number. One would do on short paths, but a packet that 128 others have overtaken could not be opened any
 * more (RFC 9000 §17.1 asks for room for that); loss detection puts up with 256.
 */
const NUMBER_BYTES_MIN = 2;
/** How far above the largest acknowledged a number of two bytes may be, and one of three; beyond that it takes four. */
const DISTANCE_MAX_2 = 2 ** 15;
const DISTANCE_MAX_3 = 2 ** 23;
/** How many numbers so many bytes tell apart. */
const WINDOW_SIZES = [1, 2 ** 8, 2 ** 16, 2 ** 24, 2 ** 32];

/**
 * Bytes that a packet number needs when its packet is sent `distance` numbers above the largest that the peer has acknowledged:
 * they tell apart twice as many numbers (RFC 9000 §17.1 and appendix A.2). `largestAcknowledged` is −1 before any.
 */
// RUDP-PKT-5
export function packetNumberBytes(packetNumber: number, largestAcknowledged: number): number {
  const distance = packetNumber - largestAcknowledged;
  if (distance <= DISTANCE_MAX_2) return NUMBER_BYTES_MIN;
  return distance <= DISTANCE_MAX_3 ? 3 : 4;
}

/**
 * Recovers a full packet number from its low `numberBytes` bytes: the candidate closest to the one expected next
 * (RFC 9000 §17.1 and appendix A.3). `largestReceived` is −1 before any packet.
 */
// RUDP-PKT-8
export function expandPacketNumber(truncated: number, numberBytes: number, largestReceived: number): number {
  const windowSize = WINDOW_SIZES[numberBytes] as number;
  const expected = largestReceived + 1;
  const base = expected - (expected % windowSize);
  const candidate = base + truncated;
  if (candidate <= expected - windowSize / 2) return candidate + windowSize;
  if (candidate > expected + windowSize / 2 && candidate >= windowSize) return candidate - windowSize;
  return candidate;
}
