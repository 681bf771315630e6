// The columns of the store in memory, beside a plain list that does the same.
import type { MessageText } from '@parley/protocol';
import { expect, test } from 'vitest';
import type { NewEntry } from '../../src/history/history-store.ts';
import { IdIndex } from '../../src/history/id-index.ts';
import { KeptEntries } from '../../src/history/kept-entries.ts';
import { append } from './drafts.ts';

const HASH_KEY = 12_345;

function entryOf(draft: Parameters<typeof append>[0]): NewEntry {
  const operation = append(draft);
  if (operation.type !== 'append') throw new Error('an entry is appended');
  return operation.entry;
}

/** Entries 1 to `count`, one each millisecond from 1 on, and the same in a list. */
function talk(count: number): { kept: KeptEntries; said: readonly NewEntry[] } {
  const said = Array.from({ length: count }, (_, index) =>
    entryOf({ user: index % 2 === 0 ? 'ann' : 'bob', text: `text ${index + 1}`, time: index + 1 }),
  );
  const kept = new KeptEntries(HASH_KEY);
  for (const [index, entry] of said.entries()) kept.append(entry, 10 * index);
  return { kept, said };
}

test('gives back every entry, and finds it by its id, however many there are', () => {
  const { kept, said } = talk(1_000);
  for (const [index, entry] of said.entries()) {
    const { clientMessageId, time, from, kind, target, text } = entry;
    const sequence = index + 1;
    expect(kept.at(sequence)).toEqual({
      sequence,
      time,
      from,
      kind,
      target,
      editedAt: undefined,
      text,
      clientMessageId,
    });
    expect(kept.orderOf(sequence)).toBe(10 * index);
    expect(kept.find(entry)).toBe(sequence);
  }
  const [first] = said as [NewEntry];
  expect(kept.find({ ...first, userId: entryOf({ user: 'eve', text: '' }).userId })).toBeUndefined();
  expect(kept.find(entryOf({ text: 'never said' }))).toBeUndefined();
});

test('an id is found for as long as it is remembered, though its entry is forgotten, and the other way round', () => {
  const { kept, said } = talk(100);
  const found = () => said.map((entry) => kept.find(entry)).filter((sequence) => sequence !== undefined);
  kept.forgetBefore(91);
  expect([kept.firstSequence, kept.lastSequence, kept.count]).toEqual([91, 100, 10]);
  expect(found()).toHaveLength(100);
  expect(kept.timeOf(1)).toBe(1);
  kept.forgetIdsBefore(96);
  expect(found()).toEqual([96, 97, 98, 99, 100]);
  expect(kept.at(91).text).toBe('text 91');
  for (let times = 0; times < 10; times += 1) kept.forgetIdsBefore(1_000);
  expect(found()).toEqual([]);
  expect(kept.at(91).text).toBe('text 91');
  kept.forgetBefore(101);
  expect(kept.count).toBe(0);
  kept.append(said[0] as NewEntry, 0);
  expect(kept.find(said[0] as NewEntry)).toBe(101);
  expect(kept.at(101).text).toBe('text 1');
});

test('a text that was changed is the new one, and one that was taken back is none', () => {
  const { kept, said } = talk(3);
  expect(kept.textAt(2)).toEqual({ userId: said[1]?.userId, text: 'text 2' });
  kept.change(2, 'better' as MessageText, 50);
  expect(kept.at(2)).toMatchObject({ text: 'better', editedAt: 50, time: 2 });
  kept.change(2, undefined, 60);
  expect(kept.textAt(2)).toBeUndefined();
  for (const sequence of [0, 4]) expect(kept.textAt(sequence)).toBeUndefined();
});

test('places of one hash are found one after the other, and what was taken out is not among them', () => {
  const index = new IdIndex(8);
  const found = () => {
    const places: number[] = [];
    for (let place = index.first(3); place >= 0; place = index.next(place)) places.push(place);
    return places;
  };
  for (const place of [0, 5, 7, 2]) index.add(place === 7 ? 4 : 3, place);
  expect(found()).toEqual([2, 5, 0]);
  index.remove(3, 5);
  expect(found()).toEqual([2, 0]);
  index.remove(3, 2);
  index.remove(3, 0);
  expect(found()).toEqual([]);
});
