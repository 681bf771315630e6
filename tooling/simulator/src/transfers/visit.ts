import { type ClientMessage, PROTOCOL_VERSION, USER_SECRET_BYTES, type UserSecret } from '@parley/protocol';
import type { ConnectionId, ServerEvent } from '@parley/server-core/pure';

/** Something that a visitor says. */
export interface Saying {
  readonly afterMs: number;
  readonly message: ClientMessage;
}

/** Somebody comes to the server on a connection that nothing disturbs, says something, and goes. */
export interface Visit {
  /** Each comes with a device of its own: two at once do not take each other's place. */
  readonly sayings: (secret: UserSecret) => readonly Saying[];
  readonly stayMs: number;
}

/** Has the server hear what a visitor says. */
export function receiveVisit(
  { sayings, stayMs }: Visit,
  connectionId: ConnectionId,
  handle: (event: ServerEvent) => void,
): void {
  const secret = new Uint8Array(USER_SECRET_BYTES) as UserSecret;
  new DataView(secret.buffer).setUint32(0, connectionId);
  handle({ type: 'connection-opened', connectionId, address: undefined });
  for (const { afterMs, message } of [HELLO, ...sayings(secret)])
    setTimeout(() => handle({ type: 'message-received', connectionId, message }), afterMs);
  setTimeout(() => handle({ type: 'connection-closed', connectionId, detail: 'ended' }), stayMs);
}

const HELLO: Saying = {
  afterMs: 0,
  message: {
    type: 'hello',
    versionMin: PROTOCOL_VERSION,
    versionMax: PROTOCOL_VERSION,
    agent: 'visitor/1',
  },
};
