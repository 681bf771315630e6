import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Nickname } from '@parley/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewAuditEntry } from '../../src/accounts/account-store.ts';
import { AUDIT_ENTRIES_MAX, AuditTrail } from '../../src/accounts/audit-trail.ts';
import { createFileAccountStore, createMemoryAccountStore, type UserId } from '../../src/index.ts';
import { AuditFile } from '../../src/node/accounts/audit-file.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-audit-'));
  file = join(folder, 'audit.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

function entry(target: string, roomKey?: string): NewAuditEntry {
  const by = 'ann' as Nickname;
  return {
    time: 5,
    by,
    byUserId: 'a' as UserId,
    action: 'ban',
    room: undefined,
    roomKey,
    target,
    detail: '',
  };
}

const EVERYTHING = { roomKey: undefined, before: undefined, limit: 100 };
const targets = (found: readonly { readonly target: string }[]) => found.map(({ target }) => target);

// CHAT-AUDIT-1
test.each([
  ['in memory', () => createMemoryAccountStore()],
  ['in a file', () => createFileAccountStore(join(folder, 'accounts.jsonl'))],
])('a store %s keeps decisions with their changes, and reads them by place and room', async (_, create) => {
  const store = create();
  await store.open();
  await store.write([], [entry('x'), entry('y', 'den')]);
  await store.write([{ type: 'put-emergency', emergency: 'closed' }], [entry('z')]);
  expect(targets(await store.readAudit(EVERYTHING))).toEqual(['z', 'y', 'x']);
  expect(targets(await store.readAudit({ ...EVERYTHING, before: 3, limit: 1 }))).toEqual(['y']);
  expect(targets(await store.readAudit({ ...EVERYTHING, roomKey: 'den' }))).toEqual(['y']);
  await store.close();
  await expect(store.readAudit(EVERYTHING)).rejects.toMatchObject({ code: 'closed' });
});

test('decisions outlive the process, and half a line is cut off', async () => {
  const before = new AuditFile(file);
  await before.open();
  await before.append([entry('x'), entry('y')]);
  await before.close();
  await appendFile(file, '{"sequence":3,"half');
  const after = new AuditFile(file);
  await after.open();
  await after.append([entry('z')]);
  await after.close();
  expect(after.read(EVERYTHING).map(({ sequence, target }) => [sequence, target])).toEqual([
    [3, 'z'],
    [2, 'y'],
    [1, 'x'],
  ]);
  expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(4);
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a full file is set aside, and the one before it goes', async () => {
  const audit = new AuditFile(file, 400);
  await audit.open();
  for (const target of 'abcdefghij') await audit.append([entry(target)]);
  await audit.close();
  for (const name of ['audit.jsonl', 'audit.1.jsonl']) {
    expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(400);
  }
  const again = new AuditFile(file, 400);
  await again.open();
  const left = targets(again.read(EVERYTHING));
  expect(left.slice(0, 3)).toEqual(['j', 'i', 'h']);
  expect(left.length).toBeLessThan(10);
});

test('a damaged line is told, not skipped', async () => {
  await writeFile(file, '{"sequence":1}\nnonsense\n');
  await expect(new AuditFile(file).open()).rejects.toThrow(`line 2 of ${file} is damaged`);
});

test('the oldest decisions are forgotten', () => {
  const trail = new AuditTrail();
  for (let count = 0; count < 2 * AUDIT_ENTRIES_MAX + 5; count += 1) trail.add(trail.number([entry('x')]));
  const found = trail.read({ ...EVERYTHING, limit: 3 * AUDIT_ENTRIES_MAX });
  expect(found).toHaveLength(AUDIT_ENTRIES_MAX);
  expect(found[0]?.sequence).toBe(2 * AUDIT_ENTRIES_MAX + 5);
});
