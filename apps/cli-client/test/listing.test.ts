import { describe, expect, test } from 'vitest';
import type { KeyEvent } from '../src/input/key-decoder.ts';
import type { EntryContent } from '../src/view/entry.ts';
import type { Wish } from '../src/workspace/wish.ts';
import { Workspace } from '../src/workspace/workspace.ts';
import { transfer } from './support/transfers.ts';
import { VirtualScreen } from './support/virtual-screen.ts';

const NOON = new Date(2026, 10, 22, 12, 0).getTime();

const FILES: EntryContent = {
  type: 'files',
  files: Array.from({ length: 30 }, (_, index) => ({ name: `file ${index}`, size: index, modifiedAt: NOON })),
};

/** A list before somebody's eyes. */
async function listed(content: EntryContent, size = { columns: 80, rows: 12 }) {
  const screen = new VirtualScreen(size);
  const workspace = new Workspace();
  const renderer = screen.fullScreenRenderer(workspace, { now: () => NOON });
  const draw = async () => {
    renderer.update({ transfers: [], hint: [], status: () => [], prompt: '> ', text: '', cursor: 0 });
    await screen.settle();
  };
  const press = async (name: string, isTyping = false, ctrl = false) => {
    const isTaken = workspace.handleKey({ type: 'key', name, ctrl, alt: false }, isTyping);
    await draw();
    return isTaken;
  };
  const type = async (text: string, isTyping = false) => {
    const event: KeyEvent = { type: 'text', text };
    const isTaken = workspace.handleKey(event, isTyping);
    await draw();
    return isTaken;
  };
  const show = async (shown: EntryContent) => {
    renderer.append({ time: NOON, content: shown });
    await draw();
  };
  const wishes = () => {
    const all: Wish[] = [];
    for (let wish = workspace.pollWish(); wish; wish = workspace.pollWish()) all.push(wish);
    return all;
  };
  await draw();
  await show(content);
  const seen = () => screen.lines.join('\n');
  return { workspace, screen, seen, press, type, show, draw, wishes };
}

describe('a list to choose from', () => {
  test('stands over the messages, and Enter does what it offers', async () => {
    const { seen, press, wishes } = await listed(FILES);
    expect(seen()).toMatch(/ 30 files, 435 B +1 of 30/);
    expect(seen()).toContain('arrows choose - Enter downloads - letters filter - Esc closes');
    for (let turn = 0; turn < 12; turn += 1) await press('down');
    expect(seen()).toMatch(/> +12 B .*file 12/);
    expect(seen()).toContain('13 of 30');
    await press('enter');
    expect(seen()).not.toContain('30 files');
    expect(wishes()).toEqual([{ type: 'enter', line: '/get "file 12"' }]);
  });

  test('goes to its ends and no further', async () => {
    const { seen, press } = await listed(FILES);
    await press('up');
    expect(seen()).toContain('1 of 30');
    await press('end');
    expect(seen()).toMatch(/> +29 B .*file 29/);
    await press('page-down');
    expect(seen()).toContain('30 of 30');
    await press('home');
    expect(seen()).toContain('1 of 30');
  });

  test('is narrowed by what is typed: all words, in any order and case', async () => {
    const { seen, type, press, wishes } = await listed(FILES);
    await type('2 FI');
    expect(seen()).toMatch(/with 2 FI +1 of 30/);
    await press('backspace');
    await type('ile');
    expect(seen()).toContain('with 2 File');
    await press('escape');
    await type('9 b');
    expect(seen()).toMatch(/with 9 b +1 of 3 /);
    await press('down');
    await press('enter');
    expect(wishes()).toEqual([{ type: 'enter', line: '/get "file 19"' }]);
  });

  test('shows all again with Escape, and closes with the next one', async () => {
    const { workspace, seen, type, press } = await listed(FILES);
    await type('nothing has this');
    expect(seen()).toContain('0 of 0');
    expect(await press('enter')).toBe(true);
    await press('escape');
    expect(seen()).toContain('1 of 30');
    await press('escape');
    expect(workspace.listing).toBeUndefined();
  });

  test('is closed by Ctrl-C', async () => {
    const { workspace, press } = await listed(FILES);
    expect(await press('c', false, true)).toBe(true);
    expect(workspace.listing).toBeUndefined();
  });

  test('leaves the keys to a line that is being typed, and a slash to the input', async () => {
    const { workspace, press, type } = await listed(FILES);
    expect(await press('enter', true)).toBe(false);
    expect(await type('x', true)).toBe(false);
    expect(await type('/')).toBe(false);
    expect(workspace.listing?.filter).toBe('');
    expect(await press('escape', true)).toBe(true);
    expect(workspace.listing).toBeUndefined();
  });
});

test('the list of transfers shows first what moves, stays open, and is always as things are', async () => {
  const moving = transfer({ number: 3, name: 'moving', receivedBytes: 100_000 });
  const others = [
    transfer({ number: 1, name: 'done', state: 'completed' }),
    transfer({ number: 2, name: 'waits', state: 'waiting', size: undefined }),
  ];
  const { workspace, seen, press, draw, wishes } = await listed({
    type: 'transfers',
    transfers: [...others, moving],
  });
  expect(seen()).toMatch(
    /3 transfers, 2 open, 100\.0 kB\/s[\s\S]*> +3 +running +10%[\s\S]*2 +waiting[\s\S]*1 +done/,
  );
  await press('enter');
  expect(wishes()).toEqual([{ type: 'enter', line: '/pause 3' }]);
  const now = [...others, { ...moving, state: 'paused', bytesPerSecond: 0 } as const];
  workspace.handleListed({ type: 'transfers', transfers: now });
  await draw();
  expect(seen()).toMatch(/> +3 +paused +10%/);
  await press('enter');
  await press('delete');
  expect(wishes()).toEqual([
    { type: 'enter', line: '/resume 3' },
    { type: 'enter', line: '/cancel 3' },
  ]);
  workspace.handleListed(FILES);
  await draw();
  expect(seen()).toContain('3 transfers');
});

test('the names of transfers stand under each other, whatever these do', async () => {
  const { seen } = await listed({
    type: 'transfers',
    transfers: [
      transfer({ number: 1, name: 'one.bin' }),
      transfer({ number: 2, name: 'two.bin', state: 'requested', size: undefined }),
      transfer({ number: 3, name: 'three.bin', state: 'waiting', priority: 'high', size: undefined }),
    ],
  });
  const rows = seen().split('\n');
  const places = ['one.bin', 'two.bin', 'three.bin'].map((name) =>
    rows.map((row) => row.indexOf(name)).filter((place) => place >= 0),
  );
  expect(places).toEqual([places[0], places[0], places[0]]);
});

test('the manual has headings that are not chosen, and Enter begins a command', async () => {
  const { seen, press, type, wishes } = await listed({
    type: 'manual',
    sections: [
      { heading: 'Talking', rows: [{ usage: '/msg NICK', summary: 'whisper', draft: '/msg ' }] },
      { heading: 'Keys', rows: [{ usage: 'Tab', summary: 'complete' }] },
    ],
  });
  expect(seen()).toMatch(/1 of 2[\s\S]*Talking[\s\S]*> +\/msg NICK[\s\S]*Keys[\s\S]* Tab/);
  await press('down');
  expect(seen()).toMatch(/> +Tab/);
  await press('up');
  await press('up');
  expect(seen()).toMatch(/> +\/msg/);
  await press('enter');
  expect(wishes()).toEqual([{ type: 'draft', text: '/msg ' }]);
  await type('x');
});

test('what was searched for stands out in what was found', async () => {
  const entry = { time: NOON, place: 'lobby#7', room: 'lobby', sequence: 7, from: 'bob' };
  const { seen, press, wishes } = await listed({
    type: 'past',
    heading: '1 found',
    words: ['needle'],
    entries: [{ ...entry, text: 'hay and a Needle in it' }],
  });
  expect(seen()).toMatch(/> .*lobby#7 {2}bob {2}hay and a Needle in it/);
  await press('enter');
  expect(wishes()).toEqual([{ type: 'enter', line: '/goto 7 lobby' }]);
});

test('transfers are told apart by their names at eighty columns', async () => {
  const transfers = Array.from({ length: 200 }, (_, index) =>
    transfer({
      number: index + 1,
      name: `holiday in the mountains, part ${index + 1}.zip`,
      state: 'waiting',
    }),
  );
  const { seen } = await listed({ type: 'transfers', transfers });
  expect(seen()).toMatch(/> +1 +waiting .*holiday in th.*….*, part 1\.zip/);
  expect(seen()).toMatch(/ 2 +waiting .*holiday in th.*, part 2\.zip/);
});
