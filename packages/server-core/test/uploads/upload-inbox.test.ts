// Which files the shared folder takes, by name, size and room.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ClientMessageId,
  FileName,
  FilePath,
  MessageText,
  Nickname,
  TransferId,
} from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UserId } from '../../src/history/history-store.ts';
import { listFolder } from '../../src/node/catalogue/look-up.ts';
import { DISK_FREE_BYTES_MIN } from '../../src/node/limits.ts';
import { UploadInbox } from '../../src/node/uploads/upload-inbox.ts';
import { UploadLedger } from '../../src/node/uploads/upload-ledger.ts';
import type { UploadWish } from '../../src/node/uploads/upload-wish.ts';
import { SetClocks } from '../support/set-clocks.ts';

const GIBIBYTE = 1_073_741_824;
let folder = '';
let lastId = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-inbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function inboxOf(freeBytes = GIBIBYTE): UploadInbox {
  const limits = { fileBytesMax: 1_000, userBytesMax: 2_000, folderBytesMax: 2_500 };
  return new UploadInbox({ folder, limits, freeBytes: async () => freeBytes });
}

/** A server that has run for so long looks. */
async function tidyAfter(ms: number): Promise<void> {
  const clocks = new SetClocks();
  const inbox = new UploadInbox({ folder, clocks });
  clocks.pass(ms);
  await inbox.tidy();
}

const id = () => {
  lastId += 1;
  return lastId as TransferId;
};
const ROOT = new Uint8Array(32).fill(1);
const wish = (name: string, changes: Partial<UploadWish> = {}): UploadWish => ({
  name: name as FileName,
  size: 1_000,
  chunkRoot: ROOT,
  nickname: 'ada',
  account: undefined,
  sent: undefined,
  now: Date.now(),
  ...changes,
});
/** Something in the conversation of ann and bob. */
const sentBy = (sender: string, digit: string) => ({
  id: digit.repeat(32),
  users: ['ann', 'bob'] as UserId[],
  sender: sender as UserId,
});
const ask = (inbox: UploadInbox, name: string, size = 1_000, transferId = id()) =>
  inbox.reserve(transferId, wish(name, { size }));

// CHAT-UPLOAD-2
test('a file that has room is given its place', async () => {
  const inbox = inboxOf();
  const { path, partPath } = await ask(inbox, 'new.bin');
  expect(path).toBe(join(folder, 'new.bin'));
  expect(partPath.startsWith(join(folder, '.parley-upload-'))).toBe(true);
});

// CHAT-UPLOAD-2
test('a file that is too large is refused', async () => {
  await expect(ask(inboxOf(), 'a', 1_001)).rejects.toMatchObject({ code: 'file-too-large' });
});

// CHAT-UPLOAD-2
test.each(['taken.bin', 'TAKEN.BIN', 'Caf\u00e9', 'Cafe\u0301', 'folder', 'broken-link'])(
  'nothing that is there can be replaced: %s',
  async (name) => {
    writeFileSync(join(folder, 'taken.bin'), 'x');
    writeFileSync(join(folder, 'Caf\u00e9'), 'x');
    mkdirSync(join(folder, 'folder'));
    symlinkSync(join(folder, 'nothing'), join(folder, 'broken-link'));
    const inbox = inboxOf();
    await expect(ask(inbox, name)).rejects.toMatchObject({ code: 'file-exists' });
    expect(inbox.reservedCount).toBe(0);
  },
);

// CHAT-UPLOAD-2
test('of two who ask at once for the same name one gets it, and another later', async () => {
  const inbox = inboxOf();
  const first = id();
  const both = await Promise.allSettled([ask(inbox, 'a.bin', 1, first), ask(inbox, 'A.bin', 2)]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  inbox.release(first);
  await ask(inbox, 'A.bin', 2);
});

// CHAT-UPLOAD-2
test('what is there and what is on its way count for the room in the folder', async () => {
  writeFileSync(join(folder, 'old'), Buffer.alloc(600));
  const inbox = inboxOf();
  const first = id();
  await ask(inbox, 'one', 1_000, first);
  await expect(ask(inbox, 'two', 1_000)).rejects.toMatchObject({ code: 'no-space' });
  inbox.release(first);
  await ask(inbox, 'two', 1_000);
});

// CHAT-UPLOAD-2
test('a disk without room is seen before a byte moves', async () => {
  await expect(ask(inboxOf(67_108_864), 'a', 1)).rejects.toMatchObject({ code: 'no-space' });
  await ask(inboxOf(67_108_865), 'a', 1);
});

test('no more than 64 files come at a time', async () => {
  const inbox = inboxOf();
  for (let count = 0; count < 64; count += 1) await ask(inbox, `file-${count}`, 1);
  await expect(ask(inbox, 'one-more', 1)).rejects.toMatchObject({ code: 'transfer-limit' });
});

test('a folder that is gone is an error of ours, and reserves nothing', async () => {
  const inbox = inboxOf();
  rmSync(folder, { recursive: true });
  await expect(ask(inbox, 'a')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(inbox.reservedCount).toBe(0);
});

test('only old remains of uploads are removed', async () => {
  const remains = `.parley-upload-${'0'.repeat(32)}`;
  const fresh = `.parley-upload-${'1'.repeat(32)}`;
  const foreign = '.parley-upload-mine';
  for (const name of [remains, fresh, foreign]) writeFileSync(join(folder, name), 'x');
  const now = Date.now() / 1_000;
  utimesSync(join(folder, remains), now - 60, now - 60);
  utimesSync(join(folder, fresh), now + 60, now + 60);
  utimesSync(join(folder, foreign), 1, 1);
  await tidyAfter(86_400_000);
  expect(readdirSync(folder).sort()).toEqual([fresh, foreign].sort());
});

// CHAT-UPLOAD-5
test('another attempt of the same user at the same file has the same place, and nobody else has', async () => {
  const inbox = inboxOf();
  const placeOf = async (changes: Partial<UploadWish>) => {
    const transferId = id();
    const { partPath } = await inbox.reserve(transferId, wish('a.bin', { size: 10, ...changes }));
    inbox.release(transferId);
    return partPath;
  };
  const place = await placeOf({ account: 'ada' });
  expect(await placeOf({ account: 'ada' })).toBe(place);
  const others = [
    await placeOf({ account: 'bob' }),
    await placeOf({ account: undefined }),
    await placeOf({ account: 'ada', size: 11 }),
    await placeOf({ account: 'ada', chunkRoot: new Uint8Array(32).fill(2) }),
  ];
  expect(new Set([place, ...others]).size).toBe(5);
});

// CHAT-UPLOAD-5
test('an attempt that is still open makes room for the next one', async () => {
  const inbox = inboxOf();
  const first = id();
  await ask(inbox, 'a.bin', 10, first);
  const ended: TransferId[] = [];
  inbox.onTakeover = (transferId) => {
    ended.push(transferId);
    inbox.release(transferId);
  };
  await ask(inbox, 'a.bin', 10);
  expect(ended).toEqual([first]);
});

// CHAT-UPLOAD-5
test('an attempt from another device, or of another guest, waits until the first one is over', async () => {
  const inbox = inboxOf();
  const attempt = (device: string, sent?: UploadWish['sent'], transferId = id()) =>
    inbox.reserve(transferId, wish('a.bin', { size: 10, device, sent }));
  const first = id();
  await attempt('laptop', undefined, first);
  inbox.onTakeover = () => {
    throw new Error('nobody makes room');
  };
  const refusal = {
    code: 'file-exists',
    message: 'this file is being uploaded as a.bin already',
    retryAfterMs: 5_000,
  };
  await expect(attempt('desktop')).rejects.toMatchObject(refusal);
  await attempt('laptop', sentBy('ann', 'a'));
  await expect(attempt('desktop', sentBy('ann', 'b'))).rejects.toMatchObject(refusal);
  inbox.release(first);
  await expect(attempt('desktop')).resolves.toBeDefined();
});

// CHAT-UPLOAD-5
test('of three attempts at the same file one at a time has its place', async () => {
  const inbox = inboxOf();
  const attempt = (transferId: TransferId, digit: string) =>
    inbox.reserve(transferId, wish('one', { size: 10, sent: sentBy('ann', digit) }));
  const [first, second, third] = [id(), id(), id()];
  const { partPath } = await attempt(first, 'a');
  const ended: TransferId[] = [];
  inbox.onTakeover = (transferId) => ended.push(transferId);
  const [later, last] = [attempt(second, 'b'), attempt(third, 'c')];
  inbox.release(first);
  expect((await later).partPath).toBe(partPath);
  expect([inbox.reservedCount, ended]).toEqual([1, [first, first, second]]);
  expect(ended.includes(second)).toBe(true);
  inbox.release(second);
  expect((await last).partPath).toBe(partPath);
  expect([inbox.reservedCount, ended.includes(third)]).toEqual([1, false]);
});

// CHAT-SEND-4
test('what others have sent to a user is found while it is there, the newest first', async () => {
  const send = async (inbox: UploadInbox, name: string, digit: string, nickname: string) => {
    const transferId = id();
    const changes = { size: 4, nickname, sent: sentBy(nickname, digit) };
    const { path } = await inbox.reserve(transferId, wish(name, changes));
    writeFileSync(path, 'four');
    await inbox.complete(transferId);
    return path;
  };
  const inbox = inboxOf();
  await send(inbox, 'one', 'a', 'ann');
  const path = await send(inbox, 'two', 'b', 'ann');
  await send(inbox, 'answer', 'c', 'bob');
  const later = inboxOf();
  const names = async (userId: string, nickname: string) =>
    (await later.sent.to(userId, nickname as Nickname)).map(({ name }) => name.slice(33)).sort();
  expect(await names('bob', 'Bob')).toEqual(['one', 'two'].map((name) => `/${name}`));
  expect(await names('ann', 'ann')).toEqual(['/answer']);
  expect(await names('eve', 'eve')).toEqual([]);
  rmSync(path);
  expect(await later.sent.to('bob', 'bob' as Nickname)).toMatchObject([{ size: 4, from: 'ann' }]);
});

// CHAT-UPLOAD-7
test('a list of uploads that could not be read once is read the next time', async () => {
  const list = join(folder, '.parley-uploads.jsonl');
  mkdirSync(list);
  const inbox = inboxOf();
  await expect(ask(inbox, 'a.bin')).rejects.toMatchObject({ code: 'EISDIR' });
  rmSync(list, { recursive: true });
  await ask(inbox, 'a.bin');
});

// CHAT-UPLOAD-7
test('what a user has uploaded counts, also after a restart, until it is gone', async () => {
  const uploaded = async (inbox: UploadInbox, name: string, account: string | undefined) => {
    const transferId = id();
    await inbox.reserve(transferId, wish(name, { account, size: 900 }));
    writeFileSync(join(folder, name), Buffer.alloc(900));
    await inbox.complete(transferId);
  };
  const first = inboxOf();
  await uploaded(first, 'one', 'ada');
  await uploaded(first, 'two', 'ada');
  for (const inbox of [first, inboxOf()]) {
    await expect(inbox.reserve(id(), wish('three', { account: 'ada', size: 201 }))).rejects.toMatchObject({
      code: 'quota-exceeded',
      message: 'you may have 2000 bytes in the shared folder, 1800 are used',
    });
    const fits = id();
    await inbox.reserve(fits, wish('three', { account: 'ada', size: 200 }));
    inbox.release(fits);
    const other = id();
    await inbox.reserve(other, wish('three', { account: 'bob', size: 201 }));
    inbox.release(other);
  }
  rmSync(join(folder, 'one'));
  await inboxOf().reserve(id(), wish('three', { account: 'ada', size: 1_000 }));
});

// CHAT-UPLOAD-7
test('all guests have one quota, and what is on its way or was left counts for it', async () => {
  const inbox = inboxOf();
  const first = id();
  const { partPath } = await ask(inbox, 'one', 900, first);
  writeFileSync(partPath, Buffer.alloc(900));
  await ask(inbox, 'two', 900);
  await expect(ask(inbox, 'three', 201)).rejects.toMatchObject({ code: 'quota-exceeded' });
  inbox.release(first);
  await expect(ask(inbox, 'three', 201)).rejects.toMatchObject({ code: 'quota-exceeded' });
  await ask(inbox, 'three', 200);
});

const lineOf = (name: string) => `${JSON.stringify({ name, size: 0, account: 'ada', by: 'ada', time: 1 })}\n`;
const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `file-${index}`);

// CHAT-UPLOAD-7
test('what is on its way, and what broken uploads have left, counts for the number of files too', async () => {
  for (const name of namesOf(997)) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, '.parley-uploads.jsonl'), namesOf(997).map(lineOf).join(''));
  const inbox = new UploadInbox({ folder, freeBytes: async () => GIBIBYTE });
  const askFor = (name: string, transferId = id()) =>
    inbox.reserve(transferId, wish(name, { account: 'ada', size: 1 }));
  const broken = id();
  const { partPath } = await askFor('broken', broken);
  for (const path of [partPath, `${partPath}.list`]) writeFileSync(path, '');
  inbox.release(broken);
  const first = id();
  await askFor('one', first);
  await askFor('two');
  await expect(askFor('three')).rejects.toMatchObject({
    code: 'quota-exceeded',
    message: 'you may have 1000 files in the shared folder',
  });
  inbox.release(first);
  await askFor('three');
});

// CHAT-UPLOAD-7
test('the list of uploads is rid of what is not there any more, once that is much', async () => {
  const list = join(folder, '.parley-uploads.jsonl');
  const linesAfter = async (goneCount: number) => {
    writeFileSync(list, `${namesOf(goneCount).map(lineOf).join('')}${lineOf('kept')}{"name":"ha`);
    await inboxOf().tidy();
    return readFileSync(list, 'utf8').split('\n').length;
  };
  writeFileSync(join(folder, 'kept'), '');
  expect(await linesAfter(999)).toBe(1_001);
  expect(await linesAfter(1_000)).toBe(2);
  expect(readFileSync(list, 'utf8')).toBe(lineOf('kept'));
  expect(readdirSync(folder).sort()).toEqual(['.parley-uploads.jsonl', 'kept']);
});

// CHAT-UPLOAD-7
test('the list is rid of what this server has written, too', async () => {
  const list = join(folder, '.parley-uploads.jsonl');
  writeFileSync(list, `${namesOf(999).map(lineOf).join('')}${lineOf('kept')}`);
  writeFileSync(join(folder, 'kept'), '');
  const ledger = new UploadLedger(folder);
  const kept = await ledger.find('kept');
  if (kept === undefined) throw new Error('the list was not read');
  await ledger.add(kept);
  await ledger.compact(await ledger.known(), new Map([['kept', kept.size]]));
  expect(readFileSync(list, 'utf8')).toBe(lineOf('kept'));
});

// CHAT-UPLOAD-7
test('what comes while the folder is looked through stays in the list', async () => {
  const list = join(folder, '.parley-uploads.jsonl');
  writeFileSync(list, namesOf(1_100).map(lineOf).join(''));
  const ledger = new UploadLedger(folder);
  const known = await ledger.known();
  const sizes = new Map<string, number>();
  await ledger.add({ name: 'new', size: 7, account: undefined, by: 'ada', time: 1 });
  await ledger.compact(known, sizes);
  expect(readFileSync(list, 'utf8').trim().split('\n')).toHaveLength(1);
  expect(await new UploadLedger(folder).find('new')).toMatchObject({ size: 7 });
});

// CHAT-UPLOAD-2
test('what has arrived of a folder under way does not claim its room a second time', async () => {
  let freeBytes = GIBIBYTE;
  const inbox = new UploadInbox({ folder, freeBytes: async () => freeBytes });
  const first = id();
  const { partPath } = await inbox.reserve(first, folderWish('pics', 900));
  mkdirSync(join(partPath, 'in'), { recursive: true });
  writeFileSync(join(partPath, 'in', 'a'), Buffer.alloc(800));
  // What is missing of it, and its list.
  freeBytes = DISK_FREE_BYTES_MIN + 100 + 99 + 500;
  await expect(inbox.reserve(id(), wish('other', { size: 501, account: 'ann' }))).rejects.toMatchObject({
    code: 'no-space',
  });
  await expect(inbox.reserve(id(), wish('other', { size: 500, account: 'ann' }))).resolves.toBeDefined();
});

// CHAT-UPLOAD-7
test('half a line in the list of uploads harms no other', async () => {
  writeFileSync(join(folder, 'one'), Buffer.alloc(900));
  const line = JSON.stringify({ name: 'one', size: 900, account: 'ada', by: 'ada', time: 1 });
  writeFileSync(join(folder, '.parley-uploads.jsonl'), `${line}\n{"name":"tw`);
  const transferId = id();
  const inbox = inboxOf();
  await inbox.reserve(transferId, wish('two', { account: 'ada', size: 600 }));
  writeFileSync(join(folder, 'two'), Buffer.alloc(600));
  await inbox.complete(transferId);
  await expect(inboxOf().reserve(id(), wish('x', { account: 'ada', size: 501 }))).rejects.toMatchObject({
    message: 'you may have 2000 bytes in the shared folder, 1500 are used',
  });
});

// CHAT-SEND-1, CHAT-SEND-2, CHAT-SEND-3
test('what was sent is found by its two users alone, also after a restart, until one discards it or a week is over', async () => {
  const sent = sentBy('ann', 'a');
  const name = `@${sent.id}/one` as FilePath;
  writeFileSync(join(folder, 'one'), 'another file of that name');
  const arrive = async (inbox: UploadInbox) => {
    const transferId = id();
    const { path } = await inbox.reserve(transferId, wish('one', { sent, account: 'ada', size: 900 }));
    writeFileSync(path, Buffer.alloc(900));
    await inbox.complete(transferId);
    return path;
  };
  const path = await arrive(inboxOf());
  const inbox = inboxOf();
  expect(await inbox.sent.find(name, 'bob')).toMatchObject({ path, size: 900 });
  expect(await inbox.sent.find(name, 'ann')).toBeDefined();
  expect(await inbox.sent.find(name, 'carol')).toBeUndefined();
  expect(await inbox.sent.discard(name, 'carol')).toBe(false);
  await expect(inbox.reserve(id(), wish('x', { account: 'ada', size: 1_000 }))).resolves.toBeDefined();
  await expect(inbox.reserve(id(), wish('y', { account: 'ada', size: 101 }))).rejects.toMatchObject({
    code: 'quota-exceeded',
  });
  expect(await inbox.sent.discard(name, 'bob')).toBe(true);
  expect(await inbox.sent.find(name, 'bob')).toBeUndefined();
  await arrive(inboxOf());
  await tidyAfter(600_000_000);
  expect(await inboxOf().sent.find(name, 'ann')).toBeDefined();
  await tidyAfter(700_000_000);
  expect(await inboxOf().sent.find(name, 'ann')).toBeUndefined();
});

describe('a shared folder whose disk is not mounted for a while', () => {
  const sent = sentBy('ann', 'a');
  const name = `@${sent.id}/one` as FilePath;
  const away = () => `${folder}-away`;
  const unmount = () => {
    renameSync(folder, away());
    // What is left is the place where it was.
    mkdirSync(folder);
  };
  const mount = () => {
    rmSync(folder, { recursive: true });
    renameSync(away(), folder);
  };
  const arrive = async (inbox: UploadInbox) => {
    const transferId = id();
    const { path } = await inbox.reserve(transferId, wish('one', { sent, account: 'ada', size: 900 }));
    writeFileSync(path, Buffer.alloc(900));
    await inbox.complete(transferId);
  };
  afterEach(() => rmSync(away(), { recursive: true, force: true }));

  // CHAT-SEND-2, CHAT-UPLOAD-7
  test('is what it was when it is back, for a server that was started meanwhile', async () => {
    await arrive(inboxOf());
    unmount();
    const inbox = inboxOf();
    await inbox.tidy();
    expect(await inbox.sent.find(name, 'bob')).toBeUndefined();
    mount();
    expect(await inbox.sent.find(name, 'bob')).toMatchObject({ size: 900 });
    await expect(inbox.reserve(id(), wish('x', { account: 'ada', size: 1_000 }))).resolves.toBeDefined();
    await expect(inbox.reserve(id(), wish('y', { account: 'ada', size: 101 }))).rejects.toMatchObject({
      code: 'quota-exceeded',
    });
  });

  // CHAT-UPLOAD-8
  test('is what it was for a server that has looked at it meanwhile, and taken a file', async () => {
    const inbox = inboxOf();
    await inbox.reserve(id(), wish('one', { sent, account: 'ada', size: 900 }));
    const path = join(folder, '.parley-sent', sent.id);
    writeFileSync(path, Buffer.alloc(900));
    const later = inboxOf();
    expect(await later.sent.find(name, 'bob')).toBeDefined();
    unmount();
    await later.tidy();
    await later.reserve(id(), wish('lost', { account: 'ada', size: 10 }));
    mount();
    expect(await later.sent.find(name, 'bob')).toMatchObject({ path, size: 900 });
    expect(await later.sent.find('lost' as FilePath, 'bob')).toBeUndefined();
    expect(await inboxOf().sent.find(name, 'bob')).toBeDefined();
  });

  // CHAT-UPLOAD-8
  test('has noted what comes to it, when the disk was mounted on its way', async () => {
    const inbox = inboxOf();
    unmount();
    const transferId = id();
    await inbox.reserve(transferId, wish('one', { sent, account: 'ada', size: 900 }));
    mount();
    const places = join(folder, '.parley-sent');
    mkdirSync(places);
    writeFileSync(join(places, sent.id), Buffer.alloc(900));
    await inbox.complete(transferId);
    for (const server of [inbox, inboxOf()]) {
      expect(await server.sent.find(name, 'bob')).toMatchObject({ size: 900 });
    }
  });
});

const folderWish = (name: string, size: number, entries = 3): UploadWish =>
  wish(name, { size, folder: { files: 2, entries, largest: Math.min(size, 900), manifestBytes: 99 } });

// CHAT-FOLDER-8, CHAT-UPLOAD-7
test('a folder that came counts for who sent it, by its bytes and as one file, across restarts', async () => {
  const inbox = inboxOf();
  const transferId = id();
  const { path } = await inbox.reserve(transferId, folderWish('pics', 1_500));
  expect(path).toBe(join(folder, 'pics'));
  mkdirSync(path);
  await inbox.complete(transferId);
  const again = inboxOf();
  await expect(again.reserve(id(), wish('b', { size: 501 }))).rejects.toMatchObject({
    code: 'quota-exceeded',
  });
  await again.reserve(id(), wish('b', { size: 500 }));
  rmSync(path, { recursive: true });
  await again.reserve(id(), wish('c', { size: 1_000 }));
});

// CHAT-SEND-1, CHAT-SEND-2, CHAT-SEND-3, CHAT-SEND-4
test('a folder that was sent is for its two users, in all its parts, until one discards it or a week is over', async () => {
  const sent = sentBy('ann', 'a');
  const name = `@${sent.id}/pics` as FilePath;
  const arrive = async (inbox: UploadInbox) => {
    const transferId = id();
    const { path } = await inbox.reserve(transferId, { ...folderWish('pics', 1_500), sent });
    mkdirSync(join(path, 'sub'), { recursive: true });
    for (const file of ['one', 'sub/two']) writeFileSync(join(path, file), file);
    await inbox.complete(transferId);
    return path;
  };
  expect(await arrive(inboxOf())).toBe(join(folder, '.parley-sent', sent.id));
  const { sent: items } = inboxOf();
  const listed = async (path: string, user: string) => {
    const place = await items.folderPlace(path as FilePath, user);
    return (place && (await listFolder(place)))?.entries.map((entry) => entry.path);
  };
  expect(await listed(name, 'bob')).toEqual(['one', 'sub', 'sub/two']);
  expect(await listed(`${name}/sub`, 'ann')).toEqual(['two']);
  for (const [path, user] of [
    [name, 'carol'],
    [`${name}s`, 'bob'],
    [`@${'b'.repeat(32)}/pics`, 'bob'],
    [`${name}/one`, 'bob'],
  ] as const) {
    expect(await listed(path, user)).toBeUndefined();
  }
  expect(await items.find(`${name}/sub/two` as FilePath, 'bob')).toMatchObject({ size: 7 });
  expect(await items.find(name, 'bob')).toBeUndefined();
  expect(await items.find(`${name}/sub/two` as FilePath, 'carol')).toBeUndefined();
  expect(await items.to('bob', 'bob' as Nickname)).toEqual([
    { name, size: 1_500, time: expect.any(Number), from: 'ada', files: 2 },
  ]);
  // CHAT-UPLOAD-7
  await expect(inboxOf().reserve(id(), wish('b', { size: 501 }))).rejects.toMatchObject({
    code: 'quota-exceeded',
  });
  for (const [path, user] of [
    [name, 'carol'],
    [`${name}/one`, 'bob'],
  ] as const) {
    expect(await items.discard(path as FilePath, user)).toBe(false);
  }
  expect(await items.discard(name, 'bob')).toBe(true);
  expect(await listed(name, 'bob')).toBeUndefined();
  expect(readdirSync(join(folder, '.parley-sent'))).toEqual([]);
  await inboxOf().reserve(id(), wish('b', { size: 501 }));
  await arrive(inboxOf());
  await tidyAfter(600_000_000);
  expect(await listed(name, 'ann')).toHaveLength(3);
  await tidyAfter(700_000_000);
  expect(readdirSync(join(folder, '.parley-sent'))).toEqual([]);
});

// CHAT-SEND-3
test("a folder whose removal a crash has cut short is nobody's, and goes at the next look", async () => {
  const gone = join(folder, '.parley-sent', `${'a'.repeat(32)}.gone`);
  mkdirSync(gone, { recursive: true });
  writeFileSync(join(gone, 'left'), 'x');
  await inboxOf().tidy();
  expect(readdirSync(join(folder, '.parley-sent'))).toEqual([]);
});

// CHAT-FOLDER-8
test.each([
  ['too many entries', folderWish('a', 9, 100_001), 'folder-too-large'],
  [
    'a file that is too large',
    { ...folderWish('a', 1_500), folder: { files: 2, entries: 2, largest: 1_001, manifestBytes: 9 } },
    'file-too-large',
  ],
  [
    'figures that contradict each other',
    { ...folderWish('a', 5), folder: { files: 2, entries: 1, largest: 1, manifestBytes: 9 } },
    'folder-too-large',
  ],
])('a folder with %s is refused', async (_, wanted, code) => {
  await expect(inboxOf().reserve(id(), wanted)).rejects.toMatchObject({ code });
});

// CHAT-FOLDER-12
// CHAT-FOLDER-14
test('another list of a folder goes on in the place of an earlier one, which counts until then', async () => {
  const inbox = inboxOf();
  const first = id();
  const { partPath } = await inbox.reserve(first, folderWish('pics', 1_500));
  mkdirSync(partPath);
  inbox.release(first);
  await expect(ask(inbox, 'b', 501)).rejects.toMatchObject({ code: 'quota-exceeded' });
  await expect(inbox.reserve(id(), wish('other', { size: 501, account: 'ann' }))).resolves.toBeDefined();
  const second = await inbox.reserve(id(), folderWish('pics', 1_400, 4));
  expect(second.partPath).toBe(partPath.replace(/1599-3$/, '1499-4'));
  expect(readdirSync(folder).filter((name) => name.startsWith('.parley-upload-'))).toHaveLength(1);
});

// CHAT-FOLDER-12
test('what is left of a folder is removed when nobody went on with it', async () => {
  const inbox = inboxOf();
  const first = id();
  const { partPath } = await inbox.reserve(first, folderWish('pics', 1_500));
  mkdirSync(join(partPath, 'in'), { recursive: true });
  writeFileSync(join(partPath, 'in', 'a'), 'x');
  inbox.release(first);
  await tidyAfter(90_000_000);
  expect(readdirSync(folder)).toEqual(['.parley-uploads.jsonl']);
});

// CHAT-UPLOAD-7, CHAT-UPLOAD-8, CHAT-SEND-2
test('of a server that was killed before it heard of a file the next one knows whose it is, and who has to hear of it', async () => {
  const announcement = {
    path: 'new.bin',
    roomKey: 'lobby',
    userId: 'ann' as UserId,
    nickname: 'ann' as Nickname,
    text: 'file:new.bin (1000 bytes)' as MessageText,
    clientMessageId: new Uint8Array(16).fill(3) as ClientMessageId,
  };
  const first = inboxOf();
  const { path } = await first.reserve(id(), wish('new.bin', { account: 'ann', announcement }));
  await first.reserve(id(), wish('vain', { size: 1, account: 'ann', announcement }));
  const sent = sentBy('ann', 'a');
  const place = await first.reserve(id(), wish('for-bob', { size: 4, account: 'bob', sent }));
  writeFileSync(path, Buffer.alloc(1_000));
  writeFileSync(place.path, 'four');
  expect(await first.tidy()).toEqual([]);
  const second = inboxOf();
  expect(await second.tidy()).toEqual([announcement]);
  expect(await second.sent.find(`@${sent.id}/for-bob` as FilePath, 'bob')).toMatchObject({ size: 4 });
  await second.reserve(id(), wish('more', { account: 'ann' }));
  await expect(second.reserve(id(), wish('too-much', { account: 'ann', size: 1 }))).rejects.toMatchObject({
    code: 'quota-exceeded',
    message: 'you may have 2000 bytes in the shared folder, 1000 are used',
  });
  await second.settle('new.bin');
  expect(await second.tidy()).toEqual([]);
  // What did not come is forgotten, also when somebody puts a file of that name there later.
  writeFileSync(join(folder, 'vain'), 'x');
  expect(await inboxOf().tidy()).toEqual([]);
});

// CHAT-UPLOAD-8
test('a disk that does not take the note takes no file', async () => {
  const list = join(folder, '.parley-uploads.jsonl');
  const inbox = inboxOf();
  await inbox.tidy();
  mkdirSync(list);
  await expect(ask(inbox, 'a.bin')).rejects.toMatchObject({ code: 'EISDIR' });
  expect(inbox.reservedCount).toBe(0);
});

// CHAT-UPLOAD-8
test('a line of the list of uploads that was durable stays one, whatever a loss of power leaves behind it', async () => {
  const list = join(folder, '.parley-uploads.jsonl');
  await ask(inboxOf(), 'a.bin');
  // A page of zeros, where another line should be.
  writeFileSync(list, `${readFileSync(list, 'utf8')}${'\0'.repeat(100)}`);
  const later = new UploadLedger(folder);
  expect(await later.find('a.bin')).toMatchObject({ size: 1_000 });
  await later.add({ name: 'b.bin', size: 7, account: undefined, by: 'ada', time: 1 });
  expect(await new UploadLedger(folder).find('b.bin')).toMatchObject({ size: 7 });
});
