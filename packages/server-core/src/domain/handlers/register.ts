import { nicknameKey, parseNickname } from '@parley/protocol';
import type { Handler } from './handler.ts';

/** Gives a client its nickname and its place in the room, and tells the others. */
// CHAT-REGISTER-1, CHAT-REGISTER-3
export const handleRegister: Handler<'register'> = ({ state, effects, session, now }, message) => {
  const { requestId } = message;
  const parsed = parseNickname(message.nickname);
  if (!parsed.ok) {
    effects.refuse(session, requestId, { code: 'nickname-invalid', message: parsed.problem });
    return;
  }
  const nickname = parsed.value;
  const key = nicknameKey(nickname);
  // CHAT-REGISTER-2
  if (state.sessions.byNickname(key) !== undefined) {
    effects.refuse(session, requestId, {
      code: 'nickname-taken',
      message: `the nickname ${nickname} is in use, choose another one`,
    });
    return;
  }
  const room = state.rooms.lobby;
  const { connectionId, sessionId } = session;
  const { epoch, lastSequence: sequence } = room.log;
  const time = state.timeAt(now);
  effects.broadcast(room.recipients, { type: 'joined', room: room.name, nickname, time });
  state.sessions.register(session, { nickname, key, room });
  room.join(session, time);
  effects.send(connectionId, {
    type: 'registered',
    requestId,
    nickname,
    sessionId,
    room: room.name,
    epoch,
    sequence,
  });
  effects.note({ name: 'user-joined', connectionId, nickname });
};
