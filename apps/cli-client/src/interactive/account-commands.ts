import { hostname } from 'node:os';
import { ClientError, formatLoginToken } from '@parley/client-core';
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

const deleteAccount: ChatCommand = {
  name: 'delete-account',
  arguments: [],
  summary: 'delete your account for good; its password is asked for',
  details: [
    'What you said stays, under your nickname, and nobody else gets that one, you neither.',
    'To take back what you said, use /delete before.',
  ],
  asks: true,
  async run({ client, ui }) {
    const current = await askSecret(ui, 'password, to delete the account for good: ');
    if (current === undefined) throw new ClientError('password-invalid', 'nothing was deleted');
    await client.account.delete(current);
  },
};

const key: ChatCommand = {
  name: 'key',
  arguments: [{ name: 'name', kind: 'word', isOptional: true }],
  summary: 'let this machine in without a password from now on',
  details: [
    'Makes a key of Ed25519 that stays on this machine, and has your account know it as NAME (the name of the machine unless given).',
    'Take it back with /revoke NAME.',
  ],
  async run({ client, ui, loginKey }, { name = hostname() }) {
    const known = loginKey.find();
    const credential = known ?? loginKey.make();
    try {
      await client.account.addKey(name, credential);
    } catch (error) {
      if (known === undefined) loginKey.forget();
      throw error;
    }
    ui.show({ type: 'notice', text: `your account knows this machine as ${name}` });
  },
};

const token: ChatCommand = {
  name: 'token',
  arguments: [{ name: 'name', kind: 'word' }],
  summary: 'make a token, by which a program comes in as you',
  details: [
    'It is shown once: put it into a file, and give that to the program with --token-file.',
    'Whoever has it can say and read what you can, but not change your account. Take it back with /revoke NAME.',
  ],
  async run({ client, ui }, { name = '' }) {
    const made = formatLoginToken(await client.account.createToken(name));
    ui.show({ type: 'notice', text: `${name}, shown this once: ${made}` });
  },
};

const keys: ChatCommand = {
  name: 'keys',
  aliases: ['tokens'],
  arguments: [],
  summary: 'show the keys and tokens of your account',
  async run({ client, ui }) {
    const rows = (await client.account.credentials()).map(({ kind, name, createdAt }) => {
      return [name, `${kind}, of ${new Date(createdAt).toISOString().slice(0, 10)}`] as const;
    });
    const heading = rows.length === 0 ? 'your account has no keys and no tokens' : 'your keys and tokens';
    ui.show({ type: 'help', heading, rows });
  },
};

const revoke: ChatCommand = {
  name: 'revoke',
  arguments: [{ name: 'name', kind: 'word' }],
  summary: 'make a key or a token worthless, and end what came in by it',
  async run({ client, ui }, { name = '' }) {
    await client.account.revoke(name);
    ui.show({ type: 'notice', text: `${name} lets nobody in any more` });
  },
};

/** The commands about who one is. */
export const ACCOUNT_COMMANDS: readonly ChatCommand[] = [
  register,
  password,
  deleteAccount,
  key,
  token,
  keys,
  revoke,
];
