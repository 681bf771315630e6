import { LEAVE_REASON_BYTES_MAX } from '@parley/protocol';
import { endSession } from '../../sessions/session-end.ts';
import { toShownText } from '../../shown-text.ts';
import type { Handler } from '../handler.ts';

/** Says goodbye to a client that leaves, and tells the others why. */
// CHAT-LEAVE-1
export const handleLeave: Handler<'leave'> = ({ state, effects, session, now }, message) => {
  const reason = toShownText(message.reason, LEAVE_REASON_BYTES_MAX);
  const goodbye = { code: 'left', message: 'goodbye' } as const;
  endSession(state, effects, session, { cause: 'left', reason, goodbye }, now);
};
