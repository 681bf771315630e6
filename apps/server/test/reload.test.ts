import { EventEmitter, once } from 'node:events';
import { createSelfSignedIdentity, identityFingerprint, type TlsIdentity } from '@parley/server-core';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { LoadedIdentity } from '../src/identity.ts';
import { reloadOnSignal } from '../src/reload.ts';

const identity = createSelfSignedIdentity(new Date());
const loaded = { identity, fingerprint: identityFingerprint(identity.certificate) };

/** Sends SIGHUP, and gives what is then in use and in the log. */
async function reload(load: () => Promise<LoadedIdentity | undefined>) {
  const process = new EventEmitter();
  const log = new EventEmitter();
  const logger = pino({}, { write: (line: string) => void log.emit('line', JSON.parse(line)) });
  let inUse: TlsIdentity | undefined;
  const server = {
    setTls: (next: TlsIdentity) => {
      inUse = next;
    },
  };
  reloadOnSignal({ logger, server, load, process: process as unknown as NodeJS.Process });
  const logged = once(log, 'line');
  process.emit('SIGHUP', 'SIGHUP');
  const [line] = await logged;
  return { inUse, line };
}

test('SIGHUP brings the identity that the files now hold', async () => {
  const { inUse, line } = await reload(async () => loaded);
  expect(inUse).toBe(identity);
  expect(line).toMatchObject({ msg: 'identity reloaded', fingerprint: loaded.fingerprint });
});

test('an identity that cannot be loaded leaves the old one in use, and is logged', async () => {
  const { inUse, line } = await reload(async () => {
    throw new Error('half written');
  });
  expect(inUse).toBeUndefined();
  expect(line).toMatchObject({ level: 50, err: { message: 'half written' } });
});
