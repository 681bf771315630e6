import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect, generateServerIdentity, loadServerIdentity, parseServerIdentity } from '../../src/index.ts';
import { errorOf, openPair, startClient, startListener } from './loopback.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rudp-identity-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// RUDP-IDENTITY-1, RUDP-IDENTITY-4
test('a client remembers the key of a listener, and later talks to nobody else', async () => {
  const identity = generateServerIdentity();
  const first = await openPair({ listen: { identity } });
  const remembered = first.client.serverIdentity;
  expect(remembered).toEqual(identity.publicKey);
  expect(first.server.serverIdentity).toBeUndefined();
  await openPair({ listen: { identity }, connect: { serverIdentity: identity.publicKey } });
  const stranger = await startListener({ identity: generateServerIdentity() });
  stranger.on('connection', () => expect.unreachable('a stranger was talked to'));
  const client = startClient(stranger, { serverIdentity: identity.publicKey });
  client.write('not for a stranger');
  expect(await errorOf(client)).toMatchObject({ code: 'identity-mismatch' });
  expect(client.endReason).toMatchObject({ kind: 'identity-mismatch' });
  expect(stranger.socketStatistics().receiveCalls).toBeLessThan(4);
});

test('a key of another length is refused at once', () => {
  expect(() => connect({ host: '127.0.0.1', port: 1, serverIdentity: new Uint8Array(33) })).toThrow(
    'expected 32 bytes, found 33 bytes',
  );
});

test('a key is made once in its file, for the eyes of its owner alone', async () => {
  const path = join(newFolder(), 'rudp.key');
  const [made, again] = await Promise.all([loadServerIdentity(path), loadServerIdentity(path)]);
  const later = await loadServerIdentity(path);
  expect([again.publicKey, later.publicKey]).toEqual([made.publicKey, made.publicKey]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(parseServerIdentity(readFileSync(path, 'utf8')).publicKey).toEqual(made.publicKey);
});

test('a file that holds something else is named, and left as it is', async () => {
  const path = join(newFolder(), 'rudp.key');
  writeFileSync(path, 'shopping list');
  await expect(loadServerIdentity(path)).rejects.toThrow(`expected an ed25519 private key (PEM) in ${path}`);
  expect(readFileSync(path, 'utf8')).toBe('shopping list');
});

// RUDP-INSECURE-1
test('without packet protection the process is warned, and the statistics say so', async () => {
  const warned = once(process, 'warning');
  const unprotected = { dangerouslyWithoutPacketProtection: true };
  const { client } = await openPair({ listen: unprotected, connect: unprotected });
  const [warning] = await warned;
  expect(warning).toMatchObject({ code: 'PARLEY_RUDP_WITHOUT_PACKET_PROTECTION' });
  expect(client.statistics()?.packetProtection).toBe('none');
});
