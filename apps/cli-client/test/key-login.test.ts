// A key over TLS, and a server that was started anew: both ends see the same identity, and everything is still known.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLoginKey, createParleyClient, type ParleyClient } from '@parley/client-core';
import {
  createFileAccountStore,
  createParleyServer,
  createSelfSignedIdentity,
  type ParleyServer,
  type TlsIdentity,
} from '@parley/server-core';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
let servers: ParleyServer[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-login-'));
  servers = [];
});

afterEach(async () => {
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true });
});

async function start(tls: TlsIdentity): Promise<{ readonly server: ParleyServer; readonly port: number }> {
  const accountStore = createFileAccountStore(join(folder, 'accounts.jsonl'));
  const server = createParleyServer({ host: '127.0.0.1', port: 0, tls, accountStore });
  servers.push(server);
  const { port } = await server.start();
  return { server, port };
}

async function connect(port: number): Promise<ParleyClient> {
  const tls = { checkServer: () => undefined };
  const client = createParleyClient({ host: '127.0.0.1', port, tls, downloadFolder: folder });
  await client.connect();
  return client;
}

// CHAT-KEY-2, CHAT-ACCOUNT-3
test('a key, a password and an operator are known to the server that was started anew', async () => {
  const tls = createSelfSignedIdentity(new Date());
  const first = await start(tls);
  const ann = await connect(first.port);
  const invite = first.server.operatorCode() ?? '';
  await ann.account.create({ nickname: 'ann', password: 'all hands', invite });
  const { credential } = createLoginKey();
  await ann.account.addKey('laptop', credential);
  const token = await ann.account.createToken('robot');
  await ann.leave();
  await first.server.stop();

  const second = await start(tls);
  expect(second.server.operatorCode()).toBeUndefined();
  const [byKey, byToken, byPassword] = [
    await connect(second.port),
    await connect(second.port),
    await connect(second.port),
  ];
  expect((await byKey.login('ANN', credential)).nickname).toBe('ann');
  expect((await byToken.login('', { kind: 'token', token })).nickname).toBe('ann');
  await byPassword.login('ann', { kind: 'password', password: 'all hands' });
  expect((await byKey.users()).map(({ nickname }) => nickname)).toEqual(['ann']);
  expect((await byKey.moderation.audit(undefined)).entries[0]).toMatchObject({ action: 'become-operator' });
  await Promise.all([byKey.leave(), byToken.leave(), byPassword.leave()]);
});

// CHAT-KEY-2
test('the same key is of no use at a server with another identity that has the same accounts', async () => {
  const first = await start(createSelfSignedIdentity(new Date()));
  const ann = await connect(first.port);
  await ann.account.create({ nickname: 'ann', password: 'all hands' });
  const { credential } = createLoginKey();
  await ann.account.addKey('laptop', credential);
  await ann.leave();
  // What the client signs for the server that it sees has to be checked by a server that has changed underneath.
  const between = await connect(first.port);
  first.server.setTls(createSelfSignedIdentity(new Date()));
  await expect(between.login('ann', credential)).rejects.toMatchObject({ code: 'login-failed' });
  await between.leave();
  const after = await connect(first.port);
  await after.login('ann', credential);
  await after.leave();
});
