import type { NicknameKey } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';
import { isOpenTo, standingOf } from '../accounts/standing.ts';
import type { EffectList, Refusal } from '../effect-list.ts';
import type { Room } from '../rooms/room.ts';
import type { ServerState } from '../server-state.ts';
import type { Transfer } from './transfer-registry.ts';

/**
 * Ends what a user is sending to others, who may not write to them any more. What has come is kept, since the right may come back; who asks
 * for the rest is told why there is none. Files for the shared folder go on: it is the room that hears nothing of them.
 */
// CHAT-WITHDRAWN-3
export function endSending(state: ServerState, effects: EffectList, userId: UserId, refusal: Refusal): void {
  const isMeant = (transfer: Transfer) => transfer.userId === userId && usersOfSent(transfer) !== undefined;
  endEach(state, effects, isMeant, { refusal, isKept: true });
}

/**
 * An account is deleted: nothing of its transfers is kept, and what others send to its user ends, because nobody would fetch it.
 */
// CHAT-WITHDRAWN-2
export function forgetUser(
  state: ServerState,
  effects: EffectList,
  { userId, account }: { readonly userId: UserId; readonly account: NicknameKey },
): void {
  const isOwn = (transfer: Transfer) => transfer.userId === userId;
  // Those that wait for their turn go with their connection.
  const hasBegun = (transfer: Transfer) => isOwn(transfer) && transfer.state !== 'queued';
  const isForThem = (transfer: Transfer) =>
    !isOwn(transfer) && usersOfSent(transfer)?.includes(userId) === true;
  endEach(state, effects, (one) => hasBegun(one) || isForThem(one), { refusal: DESERTED, isKept: false });
  if (state.options.sharesFiles) effects.add({ type: 'forget-user', userId, account });
}

/** Why nobody sends anything in a conversation any more, if the account of one of the two is deleted. */
// CHAT-WITHDRAWN-2
export function troubleInSending({ accounts }: ServerState, { parties }: Room): Refusal | undefined {
  return parties.some(({ userId }) => accounts.retired.hasUser(userId)) ? DESERTED : undefined;
}

/** Why a room is not told of a file of this user, for the log of the server; nothing when it is. */
// CHAT-UPLOAD-6
export function troubleInTelling(
  state: ServerState,
  userId: UserId,
  room: Room,
  time: number,
): string | undefined {
  if (standingOf(state, userId, room, time) === 'muted') return 'the user was muted meanwhile';
  const { accounts } = state;
  if (accounts.isOperator(userId)) return undefined;
  const isBanned = accounts.banOf({ userId, address: undefined }, room.key, time) !== undefined;
  if (isBanned || !isOpenTo(state, userId, room)) return 'the user may not come into the room any more';
  return troubleInSending(state, room)?.message;
}

const DESERTED: Refusal = {
  code: 'user-not-found',
  message: 'the account of who would get this is deleted',
};

function endEach(
  state: ServerState,
  effects: EffectList,
  isMeant: (transfer: Transfer) => boolean,
  how: { readonly refusal: Refusal; readonly isKept: boolean },
): void {
  for (const transfer of state.transfers.filter(isMeant)) {
    const { transferId, session, requestId } = transfer;
    if (transfer.state !== 'queued') {
      effects.add({ type: 'cancel-transfer', transferId, isKept: how.isKept });
      continue;
    }
    state.transfers.end(transfer);
    if (session !== undefined) effects.refuse(session, requestId, how.refusal);
  }
}

/** The two who have what is uploaded, when it is not for the shared folder. */
function usersOfSent({ opening }: Transfer): readonly UserId[] | undefined {
  return opening.type === 'open-upload' ? opening.sent?.users : undefined;
}
