import type { Password } from '@parley/protocol';
import type {
  AccountChange,
  AuditQuery,
  NewAuditEntry,
  PasswordHash,
  StoredAuditEntry,
} from '../../accounts/account-store.ts';
import type { Outcome } from '../events.ts';
import type { HandlerContext } from '../handlers/handler.ts';

/** When to ask again while the server hashes what others have asked for. */
const BUSY_RETRY_MS = 2_000;

/** What to do when work is done, in the context of that moment. */
export type Then<Value> = (context: HandlerContext, outcome: Outcome<Value>) => void;

/** Has a password hashed; false when too many wait, and then the request was refused. */
export function hashPassword(
  context: HandlerContext,
  requestId: number,
  password: Password,
  then: Then<PasswordHash>,
): boolean {
  if (isBusy(context, requestId)) return false;
  const workId = context.state.passwordHashes.add(whenDone(context, then));
  context.effects.add({ type: 'hash-password', workId, password });
  return true;
}

/** Has a password checked; false when too many wait, and then the request was refused. */
export function checkPassword(
  context: HandlerContext,
  requestId: number,
  claim: { readonly password: string; readonly against: PasswordHash | undefined },
  then: Then<boolean>,
): boolean {
  if (isBusy(context, requestId)) return false;
  const workId = context.state.passwordChecks.add(whenDone(context, then));
  context.effects.add({ type: 'check-password', workId, ...claim });
  return true;
}

/** Has changes kept; they are in the book before `then` is called. */
// CHAT-ACCOUNT-3
export function writeAccounts(
  context: HandlerContext,
  changes: readonly AccountChange[],
  then: Then<undefined>,
  audited: readonly NewAuditEntry[] = [],
): void {
  const { state, effects } = context;
  const tell = whenDone(context, then);
  state.additionsUnderWay.begin(changes);
  const workId = state.accountWrites.add((outcome, later, now) => {
    state.additionsUnderWay.end(changes);
    if (outcome.ok) for (const change of changes) state.accounts.apply(change);
    else later.note({ name: 'write-failed', operations: changes.length, detail: outcome.message });
    tell(outcome, later, now);
  });
  effects.add({ type: 'write-accounts', workId, changes, audited });
}

/** Reads decisions. */
export function readAudit(
  context: HandlerContext,
  query: AuditQuery,
  then: Then<readonly StoredAuditEntry[]>,
): void {
  const workId = context.state.auditReads.add(whenDone(context, then));
  context.effects.add({ type: 'read-audit', workId, query });
}

/** Whether the client of a request is still there to hear of it. */
export function isHere({ state, session }: HandlerContext): boolean {
  return state.sessions.byConnection(session.connectionId) === session;
}

function whenDone<Value>({ state, session }: HandlerContext, then: Then<Value>) {
  return (outcome: Outcome<Value>, effects: HandlerContext['effects'], now: number) =>
    then({ state, session, effects, now }, outcome);
}

// CHAT-LOGIN-2
function isBusy({ state, effects, session }: HandlerContext, requestId: number): boolean {
  if (state.passwordHashes.count + state.passwordChecks.count < state.limits.passwordJobsMax) return false;
  const message = 'many log in at this moment, try again soon';
  effects.refuse(session, requestId, { code: 'rate-limited', message, retryAfterMs: BUSY_RETRY_MS });
  return true;
}
