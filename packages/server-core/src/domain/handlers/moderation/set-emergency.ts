import type { Emergency } from '../../../accounts/account-store.ts';
import { decree } from '../../accounts/decree.ts';
import { mayDo } from '../../accounts/standing.ts';
import { endSession } from '../../sessions/session-end.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';

/** Has the server take fewer than it was started to take, or as many again. */
// CHAT-EMERGENCY-1
export const handleSetEmergency: MemberHandler<'set-emergency'> = (context, message, by) => {
  const { effects, session } = context;
  const { requestId, level } = message;
  if (!mayDo(context, requestId, by, 'configure-room', undefined)) return;
  if (level === 'unknown') {
    const problem = 'a level of emergency is off, registered or closed';
    effects.refuse(session, requestId, { code: 'not-permitted', message: problem });
    return;
  }
  const emergency: Emergency = level;
  const changes = [{ type: 'put-emergency', emergency } as const];
  const about = {
    requestId,
    by,
    action: 'set-emergency',
    room: undefined,
    target: level,
    detail: '',
    changes,
  };
  decree(context, about, (later) => {
    if (emergency !== 'off') sendGuestsAway(later);
    return undefined;
  });
};

function sendGuestsAway({ state, effects, now }: HandlerContext): void {
  const message = 'the server takes users with an account only now';
  const goodbye = { code: 'not-admitted', message } as const;
  for (const session of [...state.sessions.all()]) {
    if (session.membership?.hasAccount !== false) continue;
    endSession(state, effects, session, { cause: 'removed', reason: 'no guests now', goodbye }, now);
  }
}
