// What every store of accounts has to do, and what the one on the disk has to survive.
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNickname } from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AccountChange, AccountStore } from '../../src/accounts/account-store.ts';
import { createFileAccountStore, createMemoryAccountStore, type UserId } from '../../src/index.ts';
import { hashOf } from '../support/virtual-server.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-accounts-'));
  file = join(folder, 'data', 'accounts.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

const account = (nickname: string, password = 'a'): AccountChange => {
  const parsed = parseNickname(nickname);
  if (!parsed.ok) throw new Error(parsed.problem);
  const userId = nickname.padEnd(32, '0') as UserId;
  return {
    type: 'put-account',
    account: { userId, nickname: parsed.value, createdAt: 5, password: hashOf(password) },
  };
};

const stores: readonly (readonly [string, () => AccountStore])[] = [
  ['in memory', () => createMemoryAccountStore()],
  ['in a file', () => createFileAccountStore(file)],
];

describe.each(stores)('a store of accounts %s', (_, create) => {
  test('gives what it was given, the newest state of each', async () => {
    const store = create();
    expect(await store.open()).toEqual([]);
    await Promise.all([
      store.write([account('ann'), account('bob')]),
      store.write([account('ann', 'b')]),
      store.write([]),
    ]);
    if (!store.isDurable) {
      expect(await store.open()).toEqual([account('ann', 'b'), account('bob')]);
      return;
    }
    await store.close();
    const again = create();
    expect(await again.open()).toEqual([account('ann'), account('bob'), account('ann', 'b')]);
    await again.close();
  });

  test('takes nothing after it was closed', async () => {
    const store = create();
    await store.open();
    await store.close();
    await expect(store.write([account('ann')])).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('the file of accounts', () => {
  async function written(...changes: readonly AccountChange[]): Promise<void> {
    const store = createFileAccountStore(file);
    await store.open();
    for (const change of changes) await store.write([change]);
    await store.close();
  }

  test.skipIf(process.platform === 'win32')('is for its user alone, or is refused', async () => {
    await written(account('ann'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await rm(file);
    await writeFile(file, '', { mode: 0o644 });
    await expect(createFileAccountStore(file).open()).rejects.toThrow(`run chmod 600 ${file}`);
  });

  test('is not made before there is something to keep', async () => {
    await written();
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('cut off anywhere, it has what was whole, and takes more', async () => {
    await written(account('ann'), account('bob'));
    const whole = await readFile(file);
    const lineEnds = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    for (let length = 0; length <= whole.length; length += 7) {
      await writeFile(file, whole);
      await truncate(file, length);
      const kept = Math.max(0, lineEnds.filter((end) => end <= length).length - 1);
      const store = createFileAccountStore(file);
      expect(await store.open()).toHaveLength(kept);
      await store.write([account('cy')]);
      await store.close();
      const again = createFileAccountStore(file);
      expect((await again.open()).at(-1)).toEqual(account('cy'));
      await again.close();
    }
  });

  test.each([
    ['{"parley":"accounts","version":1}\nnonsense\n{}\n', 'corrupt', 'line 2'],
    ['{"parley":"accounts","version":2}\n', 'too-new', 'a newer parley-server'],
    ['{"some":"thing"}\n', 'corrupt', 'is no file of accounts'],
  ])('%j is refused with words about what to do', async (text, code, words) => {
    await written(account('ann'));
    await writeFile(file, text);
    await expect(createFileAccountStore(file).open()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('does not grow without bounds: it is tidied at a start, and full is said', async () => {
    const changes = Array.from({ length: 1_002 }, (_, index) => account('ann', `${index}`));
    const store = createFileAccountStore(file);
    await store.open();
    await store.write(changes);
    await store.close();
    const small = createFileAccountStore(file, { bytesMax: 1_000_000 });
    expect(await small.open()).toEqual([changes.at(-1)]);
    const { size } = await stat(file);
    expect(size).toBeLessThan(500);
    await small.close();
    const full = createFileAccountStore(file, { bytesMax: size });
    await full.open();
    await expect(full.write([account('bob')])).rejects.toMatchObject({ code: 'disk-full' });
    await full.close();
    const again = createFileAccountStore(file);
    expect(await again.open()).toEqual([changes.at(-1)]);
    await again.close();
  });

  // CHAT-ACCOUNT-5
  test('has nothing of a deleted account any more from the next start on, but its name', async () => {
    const [ann, bob] = [account('ann'), account('bob')];
    if (ann.type !== 'put-account') throw new Error('expected an account');
    const { userId, nickname } = ann.account;
    const retired = { type: 'retire-account', userId, nickname } as const;
    const credential = { userId, kind: 'token', name: 'robot', value: 'c0de', createdAt: 5 } as const;
    await written(ann, bob, { type: 'put-credential', credential }, retired);
    const store = createFileAccountStore(file);
    expect(await store.open()).toEqual([retired, bob]);
    await store.close();
    expect(await readFile(file, 'utf8')).not.toContain('c0de');
    const again = createFileAccountStore(file);
    expect(await again.open()).toEqual([retired, bob]);
    await again.close();
  });

  test('two servers do not lose what the other one keeps', async () => {
    await written(...Array.from({ length: 1_002 }, (_, index) => account('ann', `${index}`)));
    const first = createFileAccountStore(file);
    const second = createFileAccountStore(file);
    await first.open();
    await rm(file);
    await second.open();
    await second.write([account('bob')]);
    await expect(first.write([account('cy')])).rejects.toMatchObject({ code: 'busy' });
    await Promise.all([first.close(), second.close()]);
  });
});
