import { EXPLANATION_BYTES_MAX } from '@parley/protocol';
import { banWords } from '../accounts/sanctions.ts';
import type { EffectList } from '../effect-list.ts';
import type { ConnectionId } from '../events.ts';
import { RECONNECT_AFTER_MS } from '../limits.ts';
import type { Return, ServerState } from '../server-state.ts';
import { toShownText } from '../shown-text.ts';
import { returnAfterMs } from './drain.ts';
import type { Session } from './session.ts';
import { endSession } from './session-end.ts';

/** Admits a connection, or says at once why not. */
// CHAT-ADMIT-1, CHAT-GOODBYE-3
export function openConnection(
  state: ServerState,
  effects: EffectList,
  connectionId: ConnectionId,
  address: string | undefined,
  now: number,
): void {
  state.counters.connectionsOpened += 1;
  const limit = state.sessions.limitReachedFor(address);
  const ban = state.accounts.bans.networkBanOf(address, state.timeAt(now));
  if (state.stopping !== undefined) {
    const { message } = state.stopping;
    const reconnectAfterMs = returnAfterMs(connectionId, state.stopping);
    refuse(state, effects, connectionId, { code: 'server-stopping', message, reconnectAfterMs });
  } else if (limit !== undefined) {
    const message =
      limit === 'server-full'
        ? 'the server has as many connections as it takes'
        : 'too many connections come from this address';
    refuse(state, effects, connectionId, {
      code: limit,
      message,
      reconnectAfterMs: RECONNECT_AFTER_MS[limit],
    });
  } else if (ban !== undefined) {
    // CHAT-MODERATE-5
    refuse(state, effects, connectionId, {
      code: 'banned',
      message: banWords(ban),
      reconnectAfterMs: undefined,
    });
  } else {
    state.sessions.open(connectionId, address, now);
    effects.note({ name: 'session-opened', connectionId });
  }
}

function refuse(
  state: ServerState,
  effects: EffectList,
  connectionId: ConnectionId,
  goodbye: {
    readonly code: 'server-stopping' | 'server-full' | 'address-limit' | 'banned';
    readonly message: string;
    readonly reconnectAfterMs: number | undefined;
  },
): void {
  state.counters.connectionsRefused += 1;
  const message = toShownText(goodbye.message, EXPLANATION_BYTES_MAX);
  effects.send(connectionId, { type: 'goodbye', ...goodbye, message });
  effects.add({ type: 'close', connectionId });
  effects.note({ name: 'session-refused', connectionId, code: goodbye.code });
}

/** Frees what belonged to a connection that is gone. */
// CHAT-LEFT-2
export function closeConnection(
  state: ServerState,
  effects: EffectList,
  session: Session,
  detail: string,
  now: number,
): void {
  const end = { cause: 'connection-lost', reason: 'connection lost', detail, goodbye: undefined } as const;
  endSession(state, effects, session, end, now);
}

/** Says goodbye to everybody; nobody is admitted any more. */
// CHAT-GOODBYE-3
export function stopServer(
  state: ServerState,
  effects: EffectList,
  stopping: Return & { readonly message: string },
  now: number,
): void {
  const { message } = stopping;
  state.stopping = { ...stopping, endsAt: now };
  for (const session of [...state.sessions.all()]) {
    const reconnectAfterMs = returnAfterMs(session.connectionId, stopping);
    const goodbye = { code: 'server-stopping', message, reconnectAfterMs } as const;
    // Everybody leaves at once, so nobody needs to be told about each of the others.
    const end = { cause: 'disconnected', reason: 'the server stops', goodbye, isAnnounced: false } as const;
    endSession(state, effects, session, end, now);
  }
}
