import type { ClientMessage, ClientMessageOf } from '@parley/protocol';
import type { EffectList } from '../effect-list.ts';
import type { ServerState } from '../server-state.ts';
import type { Membership, Session } from '../sessions/session.ts';

/** What a handler works with. */
export interface HandlerContext {
  readonly state: ServerState;
  readonly effects: EffectList;
  readonly session: Session;
  readonly now: number;
}

/** Carries out one message, whose state and allowance were checked. */
export type Handler<Type extends ClientMessage['type']> = (
  context: HandlerContext,
  message: ClientMessageOf<Type>,
) => void;

/** Carries out one message of a registered user. */
export type MemberHandler<Type extends ClientMessage['type']> = (
  context: HandlerContext,
  message: ClientMessageOf<Type>,
  membership: Membership,
) => void;
