import type { ConnectionParts } from '../connection-parts.ts';
import type { HandshakeRoundTrip } from '../handshake/handshake-sender.ts';
import type { PathHint } from '../handshake/path-hint.ts';

/** The handshake is done: everything that depends on the round trip learns of it before the first stream byte leaves. */
export function startPath(
  now: number,
  { rtt, controller, credit, loss, mtu, sendStream }: ConnectionParts,
  roundTrip: HandshakeRoundTrip,
  hint: PathHint | undefined,
): void {
  if (roundTrip.isExact) rtt.update(roundTrip.rttMs, 0);
  credit.fitTo(roundTrip.rttMs);
  if (hint !== undefined) mtu.suggest(hint.mtu);
  controller.onEstablished({ now, rttMs: roundTrip.rttMs, hint });
  sendStream.fitTo(controller, loss);
}

/** What the next connection over this path may begin with; undefined before anything was delivered. */
export function hintOf({ rtt, controller, loss, mtu }: ConnectionParts): PathHint | undefined {
  const deliveryRate = controller.bandwidth ?? loss.rate.latestRate;
  if (!rtt.hasSample || deliveryRate === 0) return undefined;
  return { smoothedRttMs: rtt.smoothedMs, minRttMs: rtt.minMs, deliveryRate, mtu: mtu.current };
}
