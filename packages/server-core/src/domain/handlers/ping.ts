import type { Handler } from './handler.ts';

/** Answers a ping. */
// CHAT-PING-1
export const handlePing: Handler<'ping'> = ({ effects, session }, { nonce }) => {
  effects.send(session.connectionId, { type: 'pong', nonce });
};

/** Takes the answer to a ping: that it was heard is all that matters, and was noted before. */
export const handlePong: Handler<'pong'> = () => {};
