// Packs of entries, as they lie in the file.
import { expect, test } from 'vitest';
import { ByteReader } from '../../src/node/history/sqlite/byte-reader.ts';
import { ByteWriter } from '../../src/node/history/sqlite/byte-writer.ts';
import { nicknameOf, readEntry, textOf, writeEntry } from '../../src/node/history/sqlite/entry-bytes.ts';
import { PACK_ENTRIES_MAX, Pack, PackWriter } from '../../src/node/history/sqlite/entry-pack.ts';
import { append, BEGIN, type EntryDraft } from './drafts.ts';

/** Bytes of an entry. */
function bytesOf(draft: EntryDraft): ByteReader {
  const operation = append(draft);
  if (operation.type !== 'append') throw new Error('expected an entry');
  const writer = new ByteWriter();
  writeEntry(writer, operation.entry);
  return new ByteReader(writer.take());
}

function packOf(...drafts: readonly EntryDraft[]): Uint8Array {
  const pack = new PackWriter();
  for (const [index, draft] of drafts.entries()) {
    const bytes = bytesOf(draft);
    pack.add(bytes, { ...readEntry(bytes), room: 300, user: 2, sequence: index + 2 ** 40 });
  }
  return pack.take();
}

test('gives back what was put in, whatever is in it', () => {
  const drafts = [
    { text: 'tea', time: 10 },
    { kind: 'edit', target: 200, text: 'Tée 日本 \u{10ffff}', from: 'Zoë', time: BEGIN },
    { kind: 'topic', text: '' },
    { kind: 'delete', target: 2 ** 53 - 1 },
    { text: 'x'.repeat(100_000) },
  ] as const;
  const pack = new Pack(packOf(...drafts));
  const read = pack.entries.map(({ room, user, sequence, time, kind, target, isPlain }, index) => {
    const entry = pack.entries[index] as (typeof pack.entries)[number];
    const [from, text] = [nicknameOf(pack.bytes, entry), textOf(pack.bytes, entry)];
    return { room, user, sequence, time, kind, target, from, text, isPlain };
  });
  const written = drafts.map((draft, index) => ({
    ...{ room: 300, user: 2, sequence: index + 2 ** 40, time: BEGIN, kind: 'text', target: 0, from: 'ann' },
    ...{ isPlain: index !== 1, text: undefined },
    ...draft,
  }));
  expect(read).toEqual(written);
});

test('keeps of an entry that is gone its place, its time and its id', () => {
  const before = new Pack(packOf({ text: 'secret', id: 'same', from: 'bob' }));
  const again = new PackWriter();
  for (const entry of before.entries) again.add(before.bytes, { ...entry, isGone: true });
  const content = again.take();
  expect(Buffer.from(content).toString('latin1')).not.toMatch(/secret|bob/);
  const { entries, bytes } = new Pack(content);
  const [gone] = entries;
  expect(gone).toMatchObject({ room: 300, user: 2, sequence: 2 ** 40, time: BEGIN, isGone: true, textAt: 0 });
  const [was] = before.entries;
  expect(bytes.isSame(gone?.idAt ?? 0, before.bytes, was?.idAt ?? 0, 16)).toBe(true);
});

test('gives what it has of some rooms, each entry with its place', () => {
  const writer = new PackWriter();
  for (const room of [1, 2, 300, 2]) {
    const bytes = bytesOf({ text: 'tea' });
    writer.add(bytes, { ...readEntry(bytes), room, user: 1, sequence: 1 });
  }
  const content = writer.take();
  const found = (...rooms: number[]) =>
    new Pack(content, new Set(rooms)).entries.map(({ room, index }) => [room, index]);
  expect([found(), found(2), found(300, 1)]).toEqual([
    [],
    [
      [2, 1],
      [2, 3],
    ],
    [
      [1, 0],
      [300, 2],
    ],
  ]);
});

test('is full after so many entries, or so many bytes', () => {
  const pack = new PackWriter();
  const small = bytesOf({ text: 'tea' });
  const entry = { ...readEntry(small), room: 1, user: 1, sequence: 1 };
  for (let count = 1; count <= PACK_ENTRIES_MAX; count += 1) {
    expect(pack.isFull).toBe(false);
    pack.add(small, entry);
  }
  expect(pack.isFull).toBe(true);
  pack.take();
  const large = bytesOf({ text: 'x'.repeat(32_768) });
  pack.add(large, { ...readEntry(large), room: 1, user: 1, sequence: 1 });
  expect([pack.count, pack.isFull]).toEqual([1, true]);
});

test('one that was cut off anywhere is damaged, and says so', () => {
  const content = packOf({ text: 'tea' }, { text: 'cake' });
  const cut = Array.from({ length: content.length }, (_, end) => content.subarray(0, end));
  const whole = cut.filter((part) => {
    try {
      return new Pack(part).entries.length < 2;
    } catch (error) {
      expect(error).toMatchObject({ name: 'StoreError', code: 'corrupt' });
      return false;
    }
  });
  expect(whole).toEqual([]);
});
