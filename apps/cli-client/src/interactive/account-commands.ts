import { ClientError } from '@parley/client-core';
import type { ChatCommand } from './chat-context.ts';
import { askNewPassword, askSecret } from './secret.ts';

const register: ChatCommand = {
  name: 'register',
  arguments: [{ name: 'invite', kind: 'word', isOptional: true }],
  summary: 'make your nickname yours alone, with a password that is asked for',
  details: [
    'Next time the password is asked for when you come with this nickname; nobody else can use it, or one that looks like it.',
    'INVITE is the code that some servers want.',
  ],
  asks: true,
  async run({ client, ui }, { invite }) {
    const password = await askNewPassword(ui);
    await client.account.create({ password, ...(invite === undefined ? {} : { invite }) });
    ui.show({ type: 'notice', text: `${client.nickname} is yours alone now` });
  },
};

const password: ChatCommand = {
  name: 'password',
  arguments: [],
  summary: 'choose another password; both are asked for',
  asks: true,
  async run({ client, ui }) {
    const current = await askSecret(ui, 'password of now: ');
    if (current === undefined) throw new ClientError('password-invalid', 'nothing was changed');
    await client.account.setPassword(current, await askNewPassword(ui));
    ui.show({ type: 'notice', text: 'your password is another one now' });
  },
};

/** The commands about who one is. */
export const ACCOUNT_COMMANDS: readonly ChatCommand[] = [register, password];
