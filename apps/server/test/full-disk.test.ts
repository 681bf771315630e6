// The first start on a disk without room.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Config } from '../src/config.ts';
import { loadIdentity } from '../src/identity.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const open: typeof original.open = async (...args) => {
    const handle = await original.open(...args);
    handle.writeFile = async () => {
      await handle.write('-----BEGIN PRIV');
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    return handle;
  };
  return { ...original, open };
});

test('an identity that does not fit on the disk is told with the way out, and leaves nothing behind', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'parley-full-'));
  await expect(loadIdentity({ tls: { kind: 'own' }, dataFolder } as Config)).rejects.toThrow(
    `cannot keep the server's identity in ${dataFolder} (the disk is full): make room there, choose another place`,
  );
  expect(await readdir(dataFolder)).toEqual([]);
  await rm(dataFolder, { recursive: true });
});
