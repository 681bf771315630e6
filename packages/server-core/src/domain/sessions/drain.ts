import { EXPLANATION_BYTES_MAX } from '@parley/protocol';
import type { EffectList } from '../effect-list.ts';
import type { ConnectionId, ServerEvent } from '../events.ts';
import type { Return, ServerState } from '../server-state.ts';
import { toShownText } from '../shown-text.ts';
import type { Session } from './session.ts';

/** Fractional part of the golden ratio: its multiples lie as evenly in [0, 1) as any, however many there are. */
const GOLDEN_RATIO_FRACTION = 0.618_033_988_749_894_8;

/** When this connection's client may come back; `undefined`: not by itself. */
// CHAT-DRAIN-3
export function returnAfterMs(connectionId: ConnectionId, back: Return): number | undefined {
  const { reconnectAfterMs, reconnectSpreadMs = 0 } = back;
  if (reconnectAfterMs === undefined) return undefined;
  const share = (connectionId * GOLDEN_RATIO_FRACTION) % 1;
  return reconnectAfterMs + Math.floor(share * reconnectSpreadMs);
}

/** Tells everybody that the server will stop; from now on nothing new begins. */
// CHAT-DRAIN-1
export function drainServer(
  state: ServerState,
  effects: EffectList,
  event: Extract<ServerEvent, { type: 'drain' }>,
  now: number,
): void {
  const { endsWithinMs, reconnectAfterMs, reconnectSpreadMs } = event;
  const message = toShownText(event.message, EXPLANATION_BYTES_MAX);
  state.stopping = { message, reconnectAfterMs, reconnectSpreadMs, endsAt: now + endsWithinMs };
  for (const session of state.sessions.all()) {
    if (session.state !== 'greeting') tellOfDrain(state, effects, session, now);
  }
  // CHAT-QUEUE-2
  for (const transfer of state.transfers.queued) {
    const { session, requestId } = transfer;
    state.transfers.end(transfer);
    if (session !== undefined) refuseWhileStopping(state, effects, session, requestId);
  }
}

/** Tells a client that the server will stop, if it will. */
// CHAT-DRAIN-1
export function tellOfDrain(
  { stopping }: ServerState,
  effects: EffectList,
  { connectionId }: Session,
  now: number,
): void {
  if (stopping === undefined) return;
  const { message, endsAt } = stopping;
  const endsWithinMs = Math.max(0, Math.ceil(endsAt - now));
  const after = returnAfterMs(connectionId, stopping) ?? 0;
  effects.send(connectionId, { type: 'server-draining', endsWithinMs, returnAfterMs: after, message });
}

/** Answers that nothing begins any more, and when it may. */
// CHAT-DRAIN-2
export function refuseWhileStopping(
  { stopping }: ServerState,
  effects: EffectList,
  session: Session,
  requestId: number,
): void {
  if (stopping === undefined) return;
  const { message } = stopping;
  const retryAfterMs = returnAfterMs(session.connectionId, stopping) ?? 0;
  effects.refuse(session, requestId, { code: 'server-draining', message, retryAfterMs });
}
