import type { ClientMessage, FailureCode } from '@parley/protocol';
import { invariant } from '../errors.ts';

/** Where a connection stands (docs/spec/chat.md, States of a connection). */
export type SessionState =
  /** Connected; `hello` has not come. */
  | 'greeting'
  /** May look around, has no nickname. */
  | 'observing'
  /** Has a nickname and is in the room. */
  | 'registered';

/** What to do with a message: carry it out, refuse it with a code, or end the connection. */
export type Reaction = 'handle' | 'violation' | Extract<FailureCode, 'not-registered' | 'already-registered'>;

// CHAT-STATE-1, CHAT-HELLO-1
const REACTIONS: { readonly [Type in ClientMessage['type']]: readonly [Reaction, Reaction, Reaction] } = {
  hello: ['handle', 'violation', 'violation'],
  register: ['violation', 'handle', 'already-registered'],
  say: ['violation', 'not-registered', 'handle'],
  'open-direct': ['violation', 'not-registered', 'handle'],
  'list-users': ['violation', 'handle', 'handle'],
  'list-files': ['violation', 'handle', 'handle'],
  'request-transfer': ['violation', 'not-registered', 'handle'],
  'request-folder': ['violation', 'not-registered', 'handle'],
  'request-folder-upload': ['violation', 'not-registered', 'handle'],
  'request-upload': ['violation', 'not-registered', 'handle'],
  'cancel-transfer': ['violation', 'not-registered', 'handle'],
  'discard-file': ['violation', 'not-registered', 'handle'],
  'list-sent': ['violation', 'not-registered', 'handle'],
  'join-room': ['violation', 'not-registered', 'handle'],
  'create-room': ['violation', 'not-registered', 'handle'],
  'leave-room': ['violation', 'not-registered', 'handle'],
  'set-topic': ['violation', 'not-registered', 'handle'],
  'list-rooms': ['violation', 'handle', 'handle'],
  'read-history': ['violation', 'not-registered', 'handle'],
  search: ['violation', 'not-registered', 'handle'],
  edit: ['violation', 'not-registered', 'handle'],
  delete: ['violation', 'not-registered', 'handle'],
  'mark-read': ['violation', 'not-registered', 'handle'],
  'watch-files': ['violation', 'handle', 'handle'],
  login: ['violation', 'handle', 'already-registered'],
  'create-account': ['violation', 'handle', 'handle'],
  'set-password': ['violation', 'not-registered', 'handle'],
  'delete-account': ['violation', 'not-registered', 'handle'],
  moderate: ['violation', 'not-registered', 'handle'],
  'set-role': ['violation', 'not-registered', 'handle'],
  'configure-room': ['violation', 'not-registered', 'handle'],
  'invite-user': ['violation', 'not-registered', 'handle'],
  'list-roles': ['violation', 'not-registered', 'handle'],
  'list-bans': ['violation', 'not-registered', 'handle'],
  'create-invite': ['violation', 'not-registered', 'handle'],
  'request-challenge': ['violation', 'handle', 'already-registered'],
  'login-key': ['violation', 'handle', 'already-registered'],
  'login-token': ['violation', 'handle', 'already-registered'],
  'add-key': ['violation', 'not-registered', 'handle'],
  'create-token': ['violation', 'not-registered', 'handle'],
  'list-credentials': ['violation', 'not-registered', 'handle'],
  'revoke-credential': ['violation', 'not-registered', 'handle'],
  'set-emergency': ['violation', 'not-registered', 'handle'],
  'read-audit': ['violation', 'not-registered', 'handle'],
  'tell-progress': ['violation', 'handle', 'handle'],
  leave: ['handle', 'handle', 'handle'],
  ping: ['handle', 'handle', 'handle'],
  pong: ['handle', 'handle', 'handle'],
};

const COLUMN: { readonly [State in SessionState]: 0 | 1 | 2 } = { greeting: 0, observing: 1, registered: 2 };

// Every message is looked up, and a property by a name that came in a message takes several times as long.
const reactionsByType = new Map<string, readonly [Reaction, Reaction, Reaction]>(Object.entries(REACTIONS));

/** What to do with a message of that type in that state. */
export function reactionTo(type: ClientMessage['type'], state: SessionState): Reaction {
  const reactions = reactionsByType.get(type);
  invariant(reactions !== undefined, 'every type of message has its reactions');
  return reactions[COLUMN[state]];
}
