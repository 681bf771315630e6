import type { EffectList } from '../effect-list.ts';
import type { ServerEvent } from '../events.ts';
import type { ServerState } from '../server-state.ts';

/** What comes back of the work on passwords and accounts. */
export type AccountEvent = Extract<
  ServerEvent,
  { readonly type: 'password-hashed' | 'password-checked' | 'accounts-written' | 'audit-read' }
>;

/** Goes on with what waited for a piece of work. */
export function settleAccountWork(
  state: ServerState,
  effects: EffectList,
  event: AccountEvent,
  now: number,
): void {
  switch (event.type) {
    case 'password-hashed':
      state.passwordHashes.settle(event.workId, event.outcome, effects, now);
      break;
    case 'password-checked':
      state.passwordChecks.settle(event.workId, event.outcome, effects, now);
      break;
    case 'accounts-written':
      state.accountWrites.settle(event.workId, event.outcome, effects, now);
      break;
    case 'audit-read':
      state.auditReads.settle(event.workId, event.outcome, effects, now);
      break;
    default:
      event satisfies never;
  }
}
