import { AGENT_BYTES_MAX, negotiateVersion, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '@parley/protocol';
import { tellOfDrain } from '../sessions/drain.ts';
import { endSession } from '../sessions/session-end.ts';
import { toShownText } from '../shown-text.ts';
import type { Handler } from './handler.ts';

/** Agrees on a version and says where the client is. */
// CHAT-HELLO-2
export const handleHello: Handler<'hello'> = ({ state, effects, session, now }, message) => {
  const version = negotiateVersion(message);
  if (version === undefined) {
    // CHAT-HELLO-3
    const spoken = `${PROTOCOL_VERSION_MIN} to ${PROTOCOL_VERSION}`;
    const asked = `${message.versionMin} to ${message.versionMax}`;
    const problem = `this server speaks versions ${spoken} of the protocol, the client ${asked}`;
    const goodbye = { code: 'version-unsupported', message: problem } as const;
    endSession(state, effects, session, { cause: 'disconnected', reason: 'no common version', goodbye }, now);
    return;
  }
  session.greet(toShownText(message.agent, AGENT_BYTES_MAX));
  state.sessions.reschedule(session);
  effects.send(session.connectionId, {
    type: 'hello-ok',
    version,
    serverName: state.options.serverName,
    serverTime: state.timeAt(now),
    motd: state.options.motd,
    room: state.rooms.lobby.name,
  });
  tellOfDrain(state, effects, session, now);
  effects.note({ name: 'session-greeted', connectionId: session.connectionId, agent: session.agent });
};
