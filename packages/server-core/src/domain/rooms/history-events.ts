import type { EffectList } from '../effect-list.ts';
import type { ServerEvent } from '../events.ts';
import type { ServerState } from '../server-state.ts';
import type { Session } from '../sessions/session.ts';

type EventOf<Type extends ServerEvent['type']> = Extract<ServerEvent, { type: Type }>;

/** Answers `read-history` with what the store has. */
// CHAT-HISTORY-1
export function answerHistory(
  state: ServerState,
  effects: EffectList,
  session: Session,
  { requestId, roomKey, outcome }: EventOf<'history-read'>,
): void {
  session.pendingRequests -= 1;
  const room = state.rooms.byKey(roomKey);
  if (!outcome.ok || room === undefined) {
    const message = outcome.ok ? 'there is no such room' : outcome.message;
    effects.refuse(session, requestId, { code: 'internal-error', message });
    return;
  }
  const { entries, firstSequence: first, lastSequence: last } = outcome.value;
  const { name, epoch } = room;
  effects.send(session.connectionId, { type: 'history', requestId, room: name, epoch, first, last, entries });
}

/** Answers `search` with what the store found. */
// CHAT-SEARCH-1
export function answerSearch(
  effects: EffectList,
  session: Session,
  { requestId, query, outcome }: EventOf<'search-done'>,
): void {
  session.pendingRequests -= 1;
  if (!outcome.ok) {
    effects.refuse(session, requestId, { code: 'internal-error', message: outcome.message });
    return;
  }
  // One more than asked for was looked up, to know whether there is more.
  const hits = outcome.value.slice(0, query.limit - 1);
  const nextCursor = outcome.value.length > hits.length ? `${query.offset + hits.length}` : undefined;
  effects.send(session.connectionId, { type: 'search-results', requestId, hits, nextCursor });
}

/** Tells a client up to where its user has read. */
// CHAT-READ-1
export function tellReadMarkers(
  state: ServerState,
  effects: EffectList,
  session: Session,
  markers: EventOf<'markers-read'>['markers'],
): void {
  for (const { roomKey, sequence } of markers) {
    const room = state.rooms.byKey(roomKey);
    if (room === undefined || sequence === 0) continue;
    effects.send(session.connectionId, { type: 'read-marker', room: room.name, sequence });
  }
}
