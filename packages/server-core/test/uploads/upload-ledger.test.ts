import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { replaceDurably } from '../../src/node/append-durably.ts';
import { UploadInbox } from '../../src/node/uploads/upload-inbox.ts';

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

test('a file is replaced also where an earlier attempt at it was killed', async () => {
  const path = join(folder, LIST);
  writeFileSync(path, 'old');
  writeFileSync(join(folder, UNFINISHED), 'half');
  await replaceDurably(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual([LIST]);
});
