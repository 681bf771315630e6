import type { Endpoint, EndpointEvent, RemoteAddress } from '../../src/core/index.ts';

/** A datagram that an endpoint wants to send. */
export interface SentDatagram {
  readonly remote: RemoteAddress;
  readonly bytes: Uint8Array;
}

const buffer = new Uint8Array(65_536);

/** Everything that an endpoint has to send at `now`, datagram by datagram. */
export function drainDatagrams(endpoint: Endpoint, now: number): SentDatagram[] {
  const datagrams: SentDatagram[] = [];
  for (;;) {
    const train = endpoint.pollTransmit(now, buffer);
    if (train === undefined) return datagrams;
    for (let start = 0; start < train.byteLength; start += train.segmentBytes) {
      const end = Math.min(start + train.segmentBytes, train.byteLength);
      datagrams.push({ remote: train.remote, bytes: buffer.slice(start, end) });
    }
  }
}

/** Everything that an endpoint has to report. */
export function drainEvents(endpoint: Endpoint): EndpointEvent[] {
  const events: EndpointEvent[] = [];
  for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent())
    events.push(event);
  return events;
}

/** Lets time pass for one endpoint, deadline by deadline; returns what it sent meanwhile. */
export function advanceTo(endpoint: Endpoint, untilMs: number): SentDatagram[] {
  const sent: SentDatagram[] = [];
  for (let steps = 0; steps < 1_000_000; steps += 1) {
    const deadline = endpoint.pollDeadline();
    if (deadline === undefined || deadline > untilMs) return sent;
    endpoint.handleDeadline(deadline);
    sent.push(...drainDatagrams(endpoint, deadline));
  }
  throw new Error(`the endpoint stands still before ${untilMs} ms`);
}

/** A copy with one bit turned over. */
export function withBitFlipped(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}
