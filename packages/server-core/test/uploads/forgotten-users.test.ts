// What the disk holds of a user whose account is deleted.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileName, Nickname, TransferId } from '@parley/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { UserId } from '../../src/history/history-store.ts';
import { UploadInbox } from '../../src/node/uploads/upload-inbox.ts';
import type { UploadWish } from '../../src/node/uploads/upload-wish.ts';

let folder = '';
let lastId = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-forgotten-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inboxOf = () =>
  new UploadInbox({
    folder,
    limits: { fileBytesMax: 1_000, userBytesMax: 2_000, folderBytesMax: 3_000 },
    freeBytes: async () => 1_073_741_824,
  });

function begin(inbox: UploadInbox, name: string, changes: Partial<UploadWish> = {}) {
  lastId += 1;
  const transferId = lastId as TransferId;
  const wish: UploadWish = {
    name: name as FileName,
    size: 900,
    chunkRoot: new Uint8Array(32).fill(1),
    nickname: 'ann',
    account: 'ann',
    sent: undefined,
    now: Date.now(),
    ...changes,
  };
  return inbox.reserve(transferId, wish).then((places) => ({ transferId, ...places }));
}

async function send(inbox: UploadInbox, digit: string, sender: string): Promise<void> {
  const users = ['ann', 'bob'] as UserId[];
  const sent = { id: digit.repeat(32), users, sender: sender as UserId };
  const { transferId, path } = await begin(inbox, `from-${sender}`, {
    size: 10,
    nickname: sender,
    account: sender,
    sent,
  });
  writeFileSync(path, Buffer.alloc(10));
  await inbox.complete(transferId);
}

const names = () => readdirSync(folder).filter((name) => name !== '.parley-uploads.jsonl');

// CHAT-WITHDRAWN-2
test('of broken uploads of a deleted account nothing is left, and the room is free', async () => {
  const inbox = inboxOf();
  for (const account of ['ann', 'bob', undefined]) {
    const { transferId, partPath } = await begin(inbox, `of ${account}`, { account });
    writeFileSync(partPath, Buffer.alloc(900));
    writeFileSync(`${partPath}.list`, Buffer.alloc(32));
    inbox.release(transferId);
  }
  const inner = { files: 1, entries: 1, largest: 9, manifestBytes: 99 };
  const { transferId, partPath } = await begin(inbox, 'pictures', { size: 9, folder: inner });
  mkdirSync(partPath);
  writeFileSync(join(partPath, 'one'), Buffer.alloc(9));
  inbox.release(transferId);
  await expect(begin(inbox, 'more')).rejects.toMatchObject({ code: 'no-space' });
  expect(names()).toHaveLength(7);
  await inbox.forget({ userId: 'ann', account: 'ann' });
  expect(names()).toHaveLength(4);
  await begin(inbox, 'more', { account: 'eve' });
});

// CHAT-WITHDRAWN-2
test('an upload that is just being ended is waited for', async () => {
  const inbox = inboxOf();
  const { transferId, partPath } = await begin(inbox, 'late');
  writeFileSync(partPath, Buffer.alloc(900));
  let isForgotten = false;
  const forgetting = inbox.forget({ userId: 'ann', account: 'ann' }).then(() => {
    isForgotten = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([isForgotten, names().length]).toEqual([false, 1]);
  inbox.release(transferId);
  await forgetting;
  expect(names()).toEqual([]);
});

// CHAT-WITHDRAWN-2, CHAT-SEND-4
test.each(['with its sender', 'as earlier servers noted it'])(
  'what was sent to a deleted account goes, and what it has sent stays: %s',
  async (how) => {
    const first = inboxOf();
    await send(first, 'a', 'ann');
    await send(first, 'b', 'bob');
    const list = join(folder, '.parley-uploads.jsonl');
    const noted = readFileSync(list, 'utf8');
    expect(noted).toContain('"sender":"ann"');
    if (how !== 'with its sender') writeFileSync(list, noted.replaceAll(/"sender":"\w+",/g, ''));
    const inbox = inboxOf();
    await inbox.forget({ userId: 'ann', account: 'ann' });
    expect(readdirSync(join(folder, '.parley-sent'))).toEqual(['a'.repeat(32)]);
    expect(await inbox.sent.to('bob', 'bob' as Nickname)).toHaveLength(1);
    expect(await inbox.sent.to('ann', 'ann' as Nickname)).toEqual([]);
    // A server that was asked before there was anything has nothing to do.
    await inbox.forget({ userId: 'eve', account: 'eve' });
  },
);

// CHAT-SEND-4
test('who sent something under another nickname is not told that it waits', async () => {
  const inbox = inboxOf();
  await send(inbox, 'a', 'ann');
  expect(await inbox.sent.to('ann', 'anna' as Nickname)).toEqual([]);
});
