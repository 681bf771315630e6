import { decree } from '../../accounts/decree.ts';
import { isOver } from '../../accounts/expiry.ts';
import { codeIdOf } from '../../accounts/invite-code.ts';
import { makePlace } from '../../accounts/sanctions.ts';
import { mayDo } from '../../accounts/standing.ts';
import { toHex } from '../../hex.ts';
import type { MemberHandler } from '../handler.ts';

/** 80 random bits, which nobody guesses at the pace at which accounts are made. */
const CODE_BYTES = 10;

/** Makes a code with which somebody may make an account. */
// CHAT-ADMISSION-1, CHAT-ADMISSION-2
export const handleCreateInvite: MemberHandler<'create-invite'> = (context, message, by) => {
  const { state, effects, session, now } = context;
  const { requestId } = message;
  if (!mayDo(context, requestId, by, 'invite-user', undefined)) return;
  const time = state.timeAt(now);
  const place = makePlace(state.accounts.invites, {
    countMax: state.limits.invitesMax,
    underWay: state.additionsUnderWay.countOf({ type: 'put-invite' }),
    isOver: (invite) => isOver(invite, time),
    remove: ({ codeId }) => ({ type: 'remove-invite', codeId }),
  });
  if (place === undefined) {
    const problem = 'there are as many unused invite codes as there may be';
    effects.refuse(session, requestId, { code: 'limit-reached', message: problem });
    return;
  }
  const code = toHex(state.options.randomBytes(CODE_BYTES));
  const expiresAt = time + state.limits.inviteLifetimeMs;
  const invite = { codeId: codeIdOf(code, state.options.hash), until: expiresAt };
  const changes = [...place, { type: 'put-invite', invite } as const];
  const about = { requestId, by, action: 'create-invite', room: undefined, target: '', detail: '', changes };
  decree(context, about, () => ({ type: 'invite-code', requestId, code, expiresAt }));
};
