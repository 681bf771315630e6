import type { ClientMessage } from '@parley/protocol';
import { invariant } from '../errors.ts';
import { handleCancelTransfer } from './cancel-transfer.ts';
import { handleDirect } from './direct.ts';
import type { Handler, HandlerContext, MemberHandler } from './handler.ts';
import { handleHello } from './hello.ts';
import { handleLeave } from './leave.ts';
import { handleListFiles } from './list-files.ts';
import { handleListUsers } from './list-users.ts';
import { handlePing, handlePong } from './ping.ts';
import { handleRegister } from './register.ts';
import { handleRequestTransfer } from './request-transfer.ts';
import { handleSay } from './say.ts';

const HANDLERS: { readonly [Type in ClientMessage['type']]: Handler<Type> } = {
  hello: handleHello,
  register: handleRegister,
  say: forMembers(handleSay),
  direct: forMembers(handleDirect),
  'list-users': handleListUsers,
  'list-files': handleListFiles,
  'request-transfer': forMembers(handleRequestTransfer),
  'cancel-transfer': forMembers(handleCancelTransfer),
  leave: handleLeave,
  ping: handlePing,
  pong: handlePong,
};

/** Carries out a message by the handler of its type. */
export function dispatch(context: HandlerContext, message: ClientMessage): void {
  // The table pairs every type with its handler; TypeScript cannot follow that through a lookup.
  (HANDLERS[message.type] as Handler<ClientMessage['type']>)(context, message);
}

// The table of reactions lets only registered sessions come this far.
function forMembers<Type extends ClientMessage['type']>(handler: MemberHandler<Type>): Handler<Type> {
  return (context, message) => {
    const { membership } = context.session;
    invariant(membership !== undefined, `only a registered session gets to handle ${message.type}`);
    handler(context, message, membership);
  };
}
