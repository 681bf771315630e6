import type { ConnectionParts } from './connection-parts.ts';
import type { HandshakeRoundTrip } from './handshake-sender.ts';
import type { PathHint } from './path-hint.ts';

/** The handshake is done: everything that depends on the round trip learns of it before the first stream byte leaves. */
export function startPath(
  now: number,
  { rtt, controller, credit }: ConnectionParts,
  roundTrip: HandshakeRoundTrip,
  hint: PathHint | undefined,
): void {
  if (roundTrip.isExact) rtt.update(roundTrip.rttMs, 0);
  credit.fitTo(roundTrip.rttMs);
  controller.onEstablished({ now, rttMs: roundTrip.rttMs, hint });
}
