import { describe, expect, test } from 'vitest';
import type { AreaView } from '../src/view/area.ts';
import type { Entry } from '../src/view/entry.ts';
import { span } from '../src/view/line.ts';
import { NASTY_STRINGS } from './support/nasty-strings.ts';
import { transfer } from './support/transfers.ts';
import { VirtualScreen } from './support/virtual-screen.ts';

const NOON = new Date(2026, 10, 22, 12, 0).getTime();

function said(text: string, from = 'bob'): Entry {
  return { time: NOON, content: { type: 'message', from, text, isOwn: false, isMention: false } };
}

function area(text: string, changes: Partial<AreaView> = {}): AreaView {
  return {
    transfers: [],
    hint: [],
    status: () => [span('ann in lobby')],
    prompt: '> ',
    text,
    cursor: text.length,
    ...changes,
  };
}

describe('the line being typed', () => {
  test('is not touched by a message that arrives', async () => {
    const screen = new VirtualScreen();
    const renderer = screen.renderer();
    renderer.update(area('half a sentence', { cursor: 6 }));
    await screen.settle();
    expect(screen.inputLine).toBe('> half a| sentence');
    renderer.append(said('hello'));
    await screen.settle();
    expect(screen.lines).toEqual(['12:00 <bob> hello', 'ann in lobby', '> half a sentence']);
    expect(screen.inputLine).toBe('> half a| sentence');
  });

  test('is drawn with every message in one write', async () => {
    const screen = new VirtualScreen();
    const renderer = screen.renderer();
    renderer.update(area('typing'));
    await screen.settle();
    const before = screen.written.length;
    for (let count = 0; count < 50; count += 1) renderer.append(said(`message ${count}`));
    await screen.settle();
    expect(screen.written).toHaveLength(before + 1);
    expect(screen.allLines).toHaveLength(52);
  });

  test('wraps to more rows, and the cursor finds its place', async () => {
    const screen = new VirtualScreen({ columns: 20, rows: 10 });
    const renderer = screen.renderer();
    renderer.update(area('abcdefghijklmnopqrstuvwxyz', { cursor: 20 }));
    await screen.settle();
    expect(screen.lines).toEqual(['ann in lobby', '> abcdefghijklmnopq', '  rstuvwxyz']);
    expect(screen.inputLine).toBe('  rst|uvwxyz');
    renderer.append(said('x'));
    renderer.update(area('a'));
    await screen.settle();
    expect(screen.lines).toEqual(['12:00 <bob> x', 'ann in lobby', '> a']);
  });

  test('shows its line breaks as rows', async () => {
    const screen = new VirtualScreen();
    const renderer = screen.renderer();
    renderer.update(area('one\ntwo\nthree', { cursor: 5 }));
    await screen.settle();
    expect(screen.lines).toEqual(['ann in lobby', '> one', '  two', '  three']);
    expect(screen.inputLine).toBe('  t|wo');
  });

  test('scrolls inside its rows when it is very long', async () => {
    const screen = new VirtualScreen({ columns: 20, rows: 24 });
    const renderer = screen.renderer();
    const text = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
    renderer.update(area(text));
    await screen.settle();
    expect(screen.lines).toHaveLength(7);
    expect(screen.inputLine).toBe('  line 29|');
    renderer.update(area(text, { cursor: 0 }));
    await screen.settle();
    expect(screen.inputLine).toBe('> |line 0');
  });

  test('counts wide characters as the terminal does', async () => {
    const screen = new VirtualScreen();
    const renderer = screen.renderer();
    renderer.update(area('日本語x', { cursor: 3 }));
    await screen.settle();
    expect(screen.cursor.column).toBe(2 + 6);
    renderer.append(said('日本語のメッセージ'));
    await screen.settle();
    expect(screen.lines).toEqual(['12:00 <bob> 日本語のメッセージ', 'ann in lobby', '> 日本語x']);
  });

  test('can end exactly at the edge', async () => {
    const screen = new VirtualScreen({ columns: 20, rows: 8 });
    const renderer = screen.renderer();
    for (let length = 14; length <= 40; length += 1) {
      renderer.update(area('x'.repeat(length)));
      await screen.settle();
      expect(screen.lines.filter((line) => line.startsWith('> '))).toHaveLength(1);
      expect(screen.lines.join('').match(/x/g)).toHaveLength(length);
    }
  });
});

describe('messages', () => {
  test('scroll into the history of the terminal', async () => {
    const screen = new VirtualScreen({ columns: 40, rows: 6 });
    const renderer = screen.renderer();
    renderer.update(area('typing'));
    for (let count = 1; count <= 100; count += 1) {
      renderer.append(said(`message ${count}`));
      if (count % 7 === 0) await screen.settle();
    }
    await screen.settle();
    const expected = Array.from({ length: 100 }, (_, index) => `12:00 <bob> message ${index + 1}`);
    expect(screen.allLines).toEqual([...expected, 'ann in lobby', '> typing']);
  });

  test('of several lines cannot look like several messages', async () => {
    const screen = new VirtualScreen();
    const renderer = screen.renderer();
    renderer.update(area(''));
    renderer.append(said('hi\n12:00 <ann> I quit'));
    await screen.settle();
    expect(screen.lines.slice(0, 2)).toEqual(['12:00 <bob> hi', '      | 12:00 <ann> I quit']);
  });

  test('that are wrapped cannot look like several messages', async () => {
    const screen = new VirtualScreen({ columns: 40, rows: 10 });
    const renderer = screen.renderer();
    renderer.update(area(''));
    renderer.append(said(`hi ${'\u3000'.repeat(13)} 12:00 <ann> I quit`));
    renderer.append(said('word '.repeat(12)));
    await screen.settle();
    const starts = screen.lines.slice(0, -2).filter((line) => !line.startsWith('      | '));
    expect(starts).toHaveLength(2);
    expect(starts.every((line) => line.startsWith('12:00 <bob> '))).toBe(true);
  });

  test('wrap between words', async () => {
    const screen = new VirtualScreen({ columns: 30, rows: 10 });
    const renderer = screen.renderer();
    renderer.update(area(''));
    renderer.append(said('the quick brown fox jumps over it'));
    await screen.settle();
    expect(screen.lines.slice(0, 3)).toEqual([
      '12:00 <bob> the quick brown',
      '      | fox jumps over it',
      'ann in lobby',
    ]);
  });

  test('cannot drive the terminal, whatever they hold', async () => {
    const screen = new VirtualScreen({ columns: 60, rows: 10 });
    const renderer = screen.renderer();
    renderer.update(area('typing'));
    for (const text of NASTY_STRINGS) {
      renderer.append(said(text, 'bob'));
      await screen.settle();
      expect(screen.inputLine).toBe('> typing|');
      expect(screen.lines.at(-2)).toBe('ann in lobby');
    }
    const starts = screen.allLines.filter((line) => !line.startsWith('      | '));
    // The scrollback is bounded, so only what is left of it can be looked at.
    const others = starts.slice(0, -2).filter((line) => !line.startsWith('12:00 <bob>'));
    expect(others).toEqual([]);
  });

  test('from a nickname with tricks in it cannot drive the terminal either', async () => {
    const screen = new VirtualScreen();
    const renderer = screen.renderer({ hasColors: true });
    renderer.update(area('typing'));
    renderer.append(said('hi', '\u001b[2J\u202ebob'));
    await screen.settle();
    expect(screen.lines[0]).toBe('12:00 <␛[2J\ufffdbob> hi');
    expect(screen.written.join('')).not.toContain('\u001b[2J');
  });
});

describe('another size', () => {
  test('leaves no copies of the area behind when the terminal becomes narrower', async () => {
    const screen = new VirtualScreen({ columns: 60, rows: 12 });
    const renderer = screen.renderer();
    renderer.append(said('first'));
    renderer.update(area('a rather long line that will have to wrap quite soon'));
    await screen.settle();
    for (const columns of [40, 25, 33, 60, 80]) {
      screen.resize(columns, 12);
      renderer.resize();
      await screen.settle();
      const text = screen.lines.join('\n');
      expect(text.match(/ann in lobby/g), `at ${columns} columns`).toHaveLength(1);
      expect(text.match(/> a rather/g), `at ${columns} columns`).toHaveLength(1);
      expect(text.match(/12:00 <bob> first/g), `at ${columns} columns`).toHaveLength(1);
    }
  });

  test('of a few rows leaves room for a message', async () => {
    const screen = new VirtualScreen({ columns: 40, rows: 4 });
    const renderer = screen.renderer();
    const transfers = [1, 2, 3, 4, 5, 6, 7].map((number) => transfer({ number }));
    renderer.append(said('hello'));
    renderer.update(area('typing', { transfers }));
    await screen.settle();
    expect(screen.lines.slice(-2)).toEqual(['ann in lobby', '> typing']);
    expect(screen.lines).toContain('12:00 <bob> hello');
  });

  test('of absurdly few columns does not break anything', async () => {
    const screen = new VirtualScreen({ columns: 3, rows: 3 });
    const renderer = screen.renderer();
    renderer.update(area('typing 日本語', { transfers: [transfer({ number: 1 })] }));
    renderer.append(said('hello'));
    await screen.settle();
    expect(screen.written).toHaveLength(1);
  });
});

describe('downloads', () => {
  test('have a bar each above the status', async () => {
    const screen = new VirtualScreen({ columns: 90, rows: 12 });
    const renderer = screen.renderer();
    const transfers = [
      transfer({
        number: 1,
        name: 'node.bin',
        receivedBytes: 52_300_000,
        size: 100_000_000,
        bytesPerSecond: 12_100_000,
      }),
      transfer({ number: 2, name: 'big.iso', state: 'paused', receivedBytes: 0, size: 4_000_000_000 }),
      transfer({ number: 3, name: 'later', state: 'waiting', size: undefined }),
    ];
    renderer.update(area('', { transfers }));
    await screen.settle();
    expect(screen.lines.map((line) => line.trimEnd())).toEqual([
      'v1 node.bin           [#######........]  52%   52.3 MB of 100.0 MB   12.1 MB/s  ETA 0:04',
      'v2 big.iso            [...............]   0%         0 B of 4.0 GB  paused',
      'v3 later              [...............]                             waiting',
      'ann in lobby',
      '>',
    ]);
  });

  test('beyond five are counted', async () => {
    const screen = new VirtualScreen({ columns: 90, rows: 30 });
    const renderer = screen.renderer();
    renderer.update(area('', { transfers: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => transfer({ number })) }));
    await screen.settle();
    expect(screen.lines).toHaveLength(7);
    expect(screen.lines[4]).toBe('+ 4 more transfers (4 running): /transfers');
  });
});

test('giving the terminal back leaves what was said, and no area', async () => {
  const screen = new VirtualScreen();
  const renderer = screen.renderer();
  renderer.update(area('typing'));
  await screen.settle();
  renderer.append(said('last'));
  renderer.suspend();
  await screen.settle();
  expect(screen.lines).toEqual(['12:00 <bob> last']);
  expect(screen.cursor).toEqual({ row: 1, column: 0 });
  renderer.resume();
  await screen.settle();
  expect(screen.lines).toEqual(['12:00 <bob> last', 'ann in lobby', '> typing']);
});

test('without colours nothing but text and cursor movements is written', async () => {
  const screen = new VirtualScreen();
  const renderer = screen.renderer({ hasColors: false });
  renderer.append(said('hello'));
  renderer.update(area('typing', { transfers: [transfer({ number: 1 })] }));
  await screen.settle();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for Select Graphic Rendition
  expect(screen.written.join('')).not.toMatch(/\u001b\[[\d;]*m/);
});

test('a nickname has the same colour every time', async () => {
  const screen = new VirtualScreen();
  const renderer = screen.renderer({ hasColors: true });
  renderer.append(said('one'));
  renderer.append(said('two'));
  renderer.update(area(''));
  await screen.settle();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const colors = screen.written.join('').match(/\u001b\[(\d+)mbob\u001b\[0m/g);
  expect(colors).toHaveLength(2);
  expect(new Set(colors).size).toBe(1);
});
