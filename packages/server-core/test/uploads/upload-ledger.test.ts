import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { replaceDurably } from '../../src/node/append-durably.ts';
import { UploadInbox } from '../../src/node/uploads/upload-inbox.ts';
import { UploadLedger } from '../../src/node/uploads/upload-ledger.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-ledger-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const LIST = '.parley-uploads.jsonl';
const UNFINISHED = `${LIST}.unfinished`;

// CHAT-UPLOAD-7
test('what a server that was killed while it rewrote its list has left is gone when the next one begins', async () => {
  const line = `${JSON.stringify({ name: 'kept', size: 4, by: 'ann', time: 1 })}\n`;
  writeFileSync(join(folder, LIST), line);
  writeFileSync(join(folder, UNFINISHED), line.repeat(500));
  writeFileSync(join(folder, 'kept'), 'four');
  await new UploadInbox({ folder }).tidy();
  expect(readdirSync(folder).sort()).toEqual([LIST, 'kept']);
  expect(readFileSync(join(folder, LIST), 'utf8')).toBe(line);
});

// CHAT-UPLOAD-8
test('what is noted of an upload before it comes is durable, or it does not come', async () => {
  const path = join(folder, LIST);
  writeFileSync(path, '');
  const handle = await open(path);
  const broken = Object.assign(new Error('input/output error'), { code: 'EIO' });
  const sync = vi.spyOn(Object.getPrototypeOf(handle), 'sync').mockRejectedValue(broken);
  onTestFinished(() => sync.mockRestore());
  await handle.close();
  const record = { name: 'a', size: 4, account: undefined, by: 'ann', time: 1 };
  await expect(new UploadLedger(folder).add(record)).rejects.toBe(broken);
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('a file is replaced also where an earlier attempt at it was killed', async () => {
  const path = join(folder, LIST);
  writeFileSync(path, 'old');
  writeFileSync(join(folder, UNFINISHED), 'half');
  await replaceDurably(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual([LIST]);
});
