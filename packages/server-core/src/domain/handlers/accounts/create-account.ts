import {
  type ClientMessageOf,
  type Nickname,
  type NicknameKey,
  nicknameKey,
  type Password,
  parseNickname,
  parsePassword,
} from '@parley/protocol';
import type {
  AccountChange,
  NewAuditEntry,
  PasswordHash,
  StoredAccount,
} from '../../../accounts/account-store.ts';
import type { UserId } from '../../../history/history-store.ts';
import { hashPassword, isHere, writeAccounts } from '../../accounts/account-work.ts';
import { codeIdOf } from '../../accounts/invite-code.ts';
import type { Refusal } from '../../effect-list.ts';
import type { Outcome } from '../../events.ts';
import { notStored } from '../../rooms/append-entry.ts';
import { isTurnedAway } from '../../sessions/come-in.ts';
import type { DeviceId } from '../../sessions/session.ts';
import { deviceIdOf, userIdOf } from '../../sessions/user-identity.ts';
import type { Handler, HandlerContext } from '../handler.ts';
import { comeInAs } from './login.ts';

type Message = ClientMessageOf<'create-account'>;

/** What a new account is made of. */
interface Plan {
  readonly requestId: number;
  readonly nickname: Nickname;
  readonly key: NicknameKey;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** The invite code that was shown, if a good one was. */
  readonly codeId: string | undefined;
  readonly isOperator: boolean;
}

/** Makes an account: of a free nickname, or of the one that a guest has. */
// CHAT-ACCOUNT-2
export const handleCreateAccount: Handler<'create-account'> = (context, message) => {
  const { effects, session } = context;
  const { requestId } = message;
  const password = parsePassword(message.password);
  const plan = makePlan(context, message);
  if ('code' in plan) {
    effects.refuse(session, requestId, plan);
    return;
  }
  if (!password.ok) {
    effects.refuse(session, requestId, { code: 'password-invalid', message: password.problem });
    return;
  }
  if (isTurnedAway(context, plan.userId)) return;
  if (!mayCreate(context, requestId)) return;
  create(context, plan, password.value);
};

function create(context: HandlerContext, plan: Plan, password: Password): void {
  const { state } = context;
  const { requestId, key, codeId } = plan;
  const fail = (later: HandlerContext, problem: string) => {
    state.nicknamesInTheMaking.delete(key);
    if (codeId !== undefined) state.codesInUse.delete(codeId);
    if (isHere(later)) later.effects.refuse(later.session, requestId, notStored(problem));
  };
  const isBegun = hashPassword(context, requestId, password, (hashed, outcome) => {
    if (!outcome.ok) {
      fail(hashed, outcome.message);
      return;
    }
    const account = accountOf(hashed, plan, outcome.value);
    const then = (written: HandlerContext, result: Outcome<undefined>) => {
      if (!result.ok) {
        fail(written, result.message);
        return;
      }
      state.nicknamesInTheMaking.delete(key);
      if (plan.isOperator) state.operatorCode = undefined;
      else if (codeId !== undefined) state.codesInUse.delete(codeId);
      finish(written, plan, account);
    };
    writeAccounts(hashed, changesFor(account, plan), then, plan.isOperator ? [becameOperator(account)] : []);
  });
  if (!isBegun) return;
  state.nicknamesInTheMaking.add(key);
  // CHAT-ADMISSION-2: the first who shows a code has it.
  if (codeId !== undefined) state.codesInUse.add(codeId);
}

function finish(context: HandlerContext, { requestId, deviceId }: Plan, account: StoredAccount): void {
  const { state, effects, session } = context;
  const { connectionId } = session;
  effects.note({ name: 'account-created', connectionId, nickname: account.nickname });
  // The guest may have come back with another connection meanwhile.
  for (const own of state.sessions.sessionsOf(account.userId)) {
    if (own.membership?.nickname === account.nickname) own.settle();
  }
  if (!isHere(context)) return;
  if (session.membership?.userId === account.userId) {
    effects.send(connectionId, { type: 'done', requestId });
  } else {
    comeInAs(context, requestId, account, deviceId, { kind: 'password' });
  }
}

function accountOf({ state, now }: HandlerContext, plan: Plan, password: PasswordHash): StoredAccount {
  const { userId, nickname } = plan;
  return { userId, nickname, createdAt: state.timeAt(now), password };
}

// CHAT-AUDIT-1
function becameOperator({ createdAt: time, nickname, userId }: StoredAccount): NewAuditEntry {
  const nowhere = { room: undefined, roomKey: undefined };
  return {
    time,
    by: nickname,
    byUserId: userId,
    action: 'become-operator',
    ...nowhere,
    target: nickname,
    detail: '',
  };
}

function changesFor(account: StoredAccount, { isOperator, codeId }: Plan): AccountChange[] {
  const { userId, nickname } = account;
  const changes: AccountChange[] = [{ type: 'put-account', account }];
  if (isOperator) {
    changes.push({ type: 'put-role', role: { roomKey: undefined, userId, nickname, role: 'operator' } });
  } else if (codeId !== undefined) {
    changes.push({ type: 'remove-invite', codeId });
  }
  return changes;
}

/** Who the account would be, or why there is none to be made. */
function makePlan({ state, session, now }: HandlerContext, message: Message): Plan | Refusal {
  const { requestId } = message;
  const parsed = parseNickname(message.nickname);
  if (!parsed.ok) return { code: 'nickname-invalid', message: parsed.problem };
  const key = nicknameKey(parsed.value);
  const member = session.membership;
  if (member?.hasAccount) return { code: 'account-exists', message: 'you have an account already' };
  if (member !== undefined && member.key !== key) {
    return {
      code: 'nickname-invalid',
      message: `you are ${member.nickname}: an account is made of that nickname`,
    };
  }
  const userId = member?.userId ?? userIdOf(message.secret, state.options.hash);
  const holder = state.sessions.userNamed(key)?.userId;
  const isTaken = holder !== undefined && holder !== userId;
  const { accounts } = state;
  // CHAT-ACCOUNT-5
  const isKept = accounts.accountNamed(key) !== undefined || accounts.retired.hasNickname(key);
  if (isTaken || state.nicknamesInTheMaking.has(key) || isKept) {
    return { code: 'nickname-taken', message: `the nickname ${parsed.value} is taken, choose another one` };
  }
  if (accounts.accountOf(userId) !== undefined || accounts.retired.hasUser(userId)) {
    return {
      code: 'account-exists',
      message: 'this client made an account before: log in with it, or come anew',
    };
  }
  // CHAT-EMERGENCY-1
  if (state.accounts.emergency === 'closed') {
    return { code: 'registration-closed', message: 'the server takes nobody new now' };
  }
  if (state.accounts.accountCount + state.nicknamesInTheMaking.size >= state.limits.accountsMax) {
    return { code: 'registration-closed', message: 'the server has as many accounts as it takes' };
  }
  const codeId = message.invite === undefined ? undefined : codeIdOf(message.invite, state.options.hash);
  const isFree = codeId !== undefined && !state.codesInUse.has(codeId);
  const isOperator = isFree && message.invite === state.operatorCode;
  const isGood = isOperator || (isFree && state.accounts.inviteOf(codeId, state.timeAt(now)) !== undefined);
  // CHAT-ADMISSION-1
  if ((state.options.admission === 'invite' || message.invite !== undefined) && !isGood) {
    const problem = 'a new account takes an invite code here, and this is none that is good (any more)';
    return { code: 'invite-invalid', message: problem };
  }
  const deviceId = deviceIdOf(message.secret, state.options.hash);
  return { requestId, nickname: member?.nickname ?? parsed.value, key, userId, deviceId, codeId, isOperator };
}

// CHAT-LOGIN-2
function mayCreate({ state, effects, session, now }: HandlerContext, requestId: number): boolean {
  const retryAfterMs = state.loginGate.tryCreate(session.address, now);
  if (retryAfterMs === 0) return true;
  const message = `too many new accounts from this address, go on in ${Math.ceil(retryAfterMs / 1_000)} s`;
  effects.refuse(session, requestId, { code: 'rate-limited', message, retryAfterMs });
  return false;
}
