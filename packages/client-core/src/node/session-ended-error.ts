import { describeSessionEnd, type SessionEnd } from '../domain/session/session-end.ts';

/** The session ended before it had begun; `end` says how. */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError';
  readonly code = 'session-ended';
  readonly end: SessionEnd;

  constructor(end: SessionEnd) {
    super(describeSessionEnd(end));
    this.end = end;
  }
}
