import type { ServerMessage } from '@parley/protocol';
import type { AccountChange } from '../../accounts/account-store.ts';
import type { Outcome } from '../events.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import { notStored } from '../rooms/append-entry.ts';
import type { Room } from '../rooms/room.ts';
import type { Membership } from '../sessions/session.ts';
import { isHere, writeAccounts } from './account-work.ts';

/** Something that somebody in charge has decided. */
export interface Decree {
  readonly requestId: number;
  readonly by: Membership;
  /** What is done, in the words of the protocol. */
  readonly action: string;
  /** Where; `undefined` for the whole server. */
  readonly room: Room | undefined;
  /** To whom: what people may see of it. */
  readonly target: string;
  readonly detail: string;
  readonly changes: readonly AccountChange[];
  /** Called first when it is kept, or cannot be. */
  readonly onSettled?: (() => void) | undefined;
}

/** Has a decree kept, then carries it out and answers: `done`, unless that gives another answer. What could not be kept is not carried out. */
// CHAT-MODERATE-1, CHAT-ACCOUNT-3
export function decree(
  context: HandlerContext,
  { requestId, by, action, room, target, detail, changes, onSettled }: Decree,
  carryOut: (later: HandlerContext) => ServerMessage | undefined,
): void {
  const then = (later: HandlerContext, outcome: Outcome<undefined>) => {
    const { effects, session } = later;
    onSettled?.();
    if (!outcome.ok) {
      if (isHere(later)) effects.refuse(session, requestId, notStored(outcome.message));
      return;
    }
    const answer = carryOut(later) ?? ({ type: 'done', requestId } as const);
    effects.note({ name: 'decreed', by: by.nickname, action, room: room?.name, target, detail });
    // Who carries out something against themselves may be gone now.
    if (isHere(later)) effects.send(session.connectionId, answer);
  };
  // CHAT-AUDIT-1
  const entry = {
    time: context.state.timeAt(context.now),
    by: by.nickname,
    byUserId: by.userId,
    action,
    room: room?.name,
    roomKey: room?.key,
    target,
    detail,
  };
  writeAccounts(context, changes, then, [entry]);
}
