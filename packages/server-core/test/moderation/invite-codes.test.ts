import { expect, test } from 'vitest';
import { type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

// CHAT-ADMISSION-1, CHAT-ADMISSION-2
test('an operator makes invite codes, each good once and for a week', () => {
  const server = new VirtualServer({ admission: 'invite', operatorCode: 'c0de' });
  const boss = server.owner('boss', { invite: 'c0de' });
  const code = (client: VirtualClient) => {
    client.take();
    client.send({ type: 'create-invite', requestId: 1 });
    return client.takeOnly('invite-code')[0]?.code ?? '';
  };
  const bob = server.owner('bob', { invite: code(boss) });
  expect(code(bob)).toBe('');
  const [first, second] = [code(boss), code(boss)];
  expect(first).toMatch(/^[0-9a-f]{20}$/);
  expect(JSON.stringify(server.accounts)).not.toContain(first);
  server.hashesSlowly = true;
  const [one, other] = [server.observer(), server.observer()];
  one.createAccount('one', { invite: first });
  other.createAccount('other', { invite: first });
  expect(other.outcome()).toBe('invite-invalid');
  server.passwordWork.shift()?.();
  expect(one.outcome()).toBe('registered');
  other.createAccount('other', { invite: first });
  expect(other.outcome()).toBe('invite-invalid');
  server.now += 604_800_000;
  other.createAccount('other', { invite: second });
  expect(other.outcome()).toBe('invite-invalid');
});
