/** Where a session stands. */
export type SessionState =
  /** The TCP connection is being made. */
  | 'connecting'
  /** `hello` was sent, `hello-ok` is awaited. */
  | 'hello-sent'
  /** The server knows our version; lists may be asked for, a nickname may be chosen. */
  | 'choosing-nickname'
  /** We are in the room. */
  | 'registered'
  /** The connection was lost; the client waits before it tries again. */
  | 'reconnecting'
  /** `leave` was sent, the server's goodbye is awaited. */
  | 'leaving'
  /** Over; the reason is in `SessionEnd`. */
  | 'closed';

/** What moves a session from one state to another. */
export type SessionTrigger =
  | 'connected'
  | 'hello-accepted'
  | 'nickname-accepted'
  | 'leave-requested'
  | 'ended'
  /** The end is not to last: the connection will be made again. */
  | 'return-planned'
  | 'reconnect-due';

const ENDS = { ended: 'closed' } as const;

/**
 * The session's state machine. What is not in the table must not happen: the caller treats it as the peer's or
 * the user's mistake.
 */
const SESSION_TRANSITIONS: Readonly<
  Record<SessionState, Readonly<Partial<Record<SessionTrigger, SessionState>>>>
> = {
  connecting: { connected: 'hello-sent', 'leave-requested': 'closed', ...ENDS },
  'hello-sent': { 'hello-accepted': 'choosing-nickname', 'leave-requested': 'leaving', ...ENDS },
  'choosing-nickname': { 'nickname-accepted': 'registered', 'leave-requested': 'leaving', ...ENDS },
  registered: { 'leave-requested': 'leaving', ...ENDS },
  leaving: ENDS,
  closed: { 'return-planned': 'reconnecting' },
  reconnecting: { 'reconnect-due': 'connecting', 'leave-requested': 'closed', ...ENDS },
};

/** The state after a trigger; undefined when the trigger has no place in this state. */
export function nextSessionState(state: SessionState, trigger: SessionTrigger): SessionState | undefined {
  return SESSION_TRANSITIONS[state][trigger];
}
