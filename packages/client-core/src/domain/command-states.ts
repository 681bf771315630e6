import { ClientError } from './errors.ts';
import type { ClientCommand } from './events.ts';
import type { SessionState } from './session/session-state.ts';

/** Bytes flow, or wait, whether or not the server can be asked: transfers last as long as the session does. */
const WITH_TRANSFERS: readonly SessionState[] = [
  'registered',
  'reconnecting',
  'connecting',
  'hello-sent',
  'choosing-nickname',
];

/** In which states of the session a command makes sense. */
const COMMAND_STATES: Readonly<Record<ClientCommand['type'], readonly SessionState[]>> = {
  register: ['choosing-nickname'],
  login: ['choosing-nickname'],
  'create-account': ['choosing-nickname', 'registered'],
  'set-password': ['registered'],
  'delete-account': ['registered'],
  'add-key': ['registered'],
  'create-token': ['registered'],
  'list-credentials': ['registered'],
  'revoke-credential': ['registered'],
  moderate: ['registered'],
  'set-role': ['registered'],
  'configure-room': ['registered'],
  'invite-user': ['registered'],
  'list-roles': ['registered'],
  'list-bans': ['registered'],
  'create-invite': ['registered'],
  'set-emergency': ['registered'],
  'read-audit': ['registered'],
  // While the connection is away it waits in the outbox.
  say: ['registered', 'reconnecting', 'connecting', 'hello-sent'],
  direct: ['registered'],
  'open-direct': ['registered'],
  'discard-file': ['registered'],
  'list-sent': ['registered'],
  join: ['registered'],
  'create-room': ['registered'],
  'leave-room': ['registered'],
  'set-topic': ['registered'],
  'list-rooms': ['choosing-nickname', 'registered'],
  'read-history': ['registered'],
  search: ['registered'],
  edit: ['registered'],
  delete: ['registered'],
  'mark-read': ['registered'],
  'list-users': ['choosing-nickname', 'registered'],
  'list-files': ['choosing-nickname', 'registered'],
  'watch-files': ['choosing-nickname', 'registered'],
  'measure-round-trip': ['choosing-nickname', 'registered'],
  download: ['registered'],
  upload: ['registered'],
  'pause-transfer': WITH_TRANSFERS,
  'resume-transfer': WITH_TRANSFERS,
  'cancel-transfer': WITH_TRANSFERS,
  'prioritize-transfer': WITH_TRANSFERS,
  'tell-progress': WITH_TRANSFERS,
  leave: ['connecting', 'hello-sent', 'choosing-nickname', 'registered', 'reconnecting'],
};

const AWAY = 'there is no connection to the server right now; try again when it is back';

/** Why a command that makes no sense in a state makes none. */
const STATE_WORDS: Readonly<Record<SessionState, string>> = {
  connecting: AWAY,
  'hello-sent': AWAY,
  reconnecting: AWAY,
  'choosing-nickname': 'that needs a nickname first',
  registered: 'that was done already',
  leaving: 'the session is about to end',
  closed: 'the session has ended',
};

/** Throws `wrong-state` for a command that makes no sense in this state of the session. */
export function assertPossible(command: ClientCommand, state: SessionState): void {
  const possible = COMMAND_STATES[command.type];
  if (possible.includes(state)) return;
  throw new ClientError('wrong-state', STATE_WORDS[state]);
}
