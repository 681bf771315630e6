import { Terminal } from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { Grid } from '../src/screen/grid.ts';
import { diffGrid } from '../src/screen/grid-diff.ts';
import { Palette } from '../src/screen/palette.ts';
import { span } from '../src/view/line.ts';
import { NASTY_STRINGS } from './support/nasty-strings.ts';

const { look } = new Palette({ depth: 'true', theme: 'dark' });
const COLUMNS = 24;
const ROWS = 6;

function grid(...rows: string[]): Grid {
  const made = new Grid(COLUMNS, ROWS);
  for (const [row, text] of rows.entries()) made.write(row, 0, COLUMNS, [span(text)], look);
  return made;
}

/** A real terminal emulator that is sent drawings. */
class Emulator {
  readonly #terminal = new Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });

  /** `isNaive`: every code point of an emoji has two columns of its own, as some terminals have it. */
  constructor({ isNaive = false }: { readonly isNaive?: boolean } = {}) {
    if (!isNaive) return;
    const wcwidth = (code: number) => (code === 0x200d ? 0 : code >= 0x1f300 ? 2 : 1);
    const charProperties = (code: number) => (wcwidth(code) << 1) | (code === 0x200d ? 1 : 0);
    this.#terminal.unicode.register({ version: 'naive', wcwidth, charProperties });
    this.#terminal.unicode.activeVersion = 'naive';
  }

  async show(output: string): Promise<string[]> {
    await new Promise<void>((resolve) => this.#terminal.write(output, resolve));
    const { active } = this.#terminal.buffer;
    return Array.from({ length: ROWS }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
  }
}

describe('a grid', () => {
  test('holds a grapheme a cell, and leaves the second cell of a wide one empty', () => {
    const made = grid('a日👩‍👩‍👧é');
    expect([0, 1, 2, 3, 4, 5].map((column) => made.text(0, column))).toEqual([
      'a',
      '日',
      '',
      '👩‍👩‍👧',
      '',
      'é',
    ]);
  });

  test('cuts at the end, and never through a wide grapheme', () => {
    const made = new Grid(COLUMNS, ROWS);
    expect(made.write(0, 0, 4, [span('abc日')], look)).toBe(3);
    expect(made.lines[0]).toBe('abc');
    expect(made.write(0, 0, 5, [span('abc日')], look)).toBe(5);
    expect(made.lines[0]).toBe('abc日');
  });

  test('takes nothing outside of itself', () => {
    const made = grid();
    made.write(-1, 0, COLUMNS, [span('x')], look);
    made.write(ROWS, 0, COLUMNS, [span('x')], look);
    made.write(0, 0, 1_000, [span('y'.repeat(1_000))], look);
    expect(made.lines).toEqual(['y'.repeat(COLUMNS), ...Array(ROWS - 1).fill('')]);
  });

  test.each(NASTY_STRINGS.map((text, index) => [index, text] as const))(
    'makes nasty string %i harmless',
    (_, text) => {
      const output = diffGrid(undefined, grid(text, 'after'));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what a drawing is made of
      const known = /\u001b\[(?:0m|2J|K|\d+X|\d+;\d+H)/g;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for what must not be there
      expect(output.replace(known, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    },
  );
});

describe('the difference of two grids', () => {
  test('is nothing when they are the same', () => {
    expect(diffGrid(grid('same', '日本'), grid('same', '日本'))).toBe('');
  });

  test('is only the cells that differ', () => {
    const output = diffGrid(grid('hello world', 'second'), grid('hello_world', 'second'));
    expect(output).toBe('\u001b[1;6H_');
  });

  test('erases the rest of a row that became shorter', () => {
    expect(diffGrid(grid('hello world'), grid('hello'))).toBe('\u001b[1;7H\u001b[K');
  });

  test('is everything after another size', () => {
    expect(diffGrid(new Grid(10, 2), grid('x'))).toContain('\u001b[0m\u001b[2J');
  });

  test('ends links and colours', () => {
    const linked = new Grid(COLUMNS, ROWS);
    linked.write(0, 0, COLUMNS, [{ text: 'here', link: 'https://a.example' }], look);
    const output = diffGrid(undefined, linked);
    expect(output).toContain('\u001b]8;;https://a.example\u001b\\');
    expect(output.endsWith('\u001b]8;;\u001b\\\u001b[0m')).toBe(true);
  });

  test('brings a terminal from any picture to any other', async () => {
    const emulator = new Emulator();
    let state = 20_261_128;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const pieces = ['a', 'bc', ' ', '  ', '日', '本', 'é', 'x'.repeat(9)];
    let before: Grid | undefined;
    for (let round = 0; round < 300; round += 1) {
      const rows = Array.from({ length: ROWS }, () =>
        Array.from({ length: random(14) }, () => pieces[random(pieces.length)]).join(''),
      );
      const after = grid(...rows);
      const seen = await emulator.show(diffGrid(before, after));
      expect(
        seen.map((row) => row.trimEnd()),
        `round ${round}`,
      ).toEqual(after.lines);
      before = after;
    }
  });

  test('leaves nothing of an emoji on a terminal that shows its parts side by side', async () => {
    const emulator = new Emulator({ isNaive: true });
    const parts = (rows: readonly string[]) =>
      rows.map((row) => row.replace(/\u{1f3fd}|\u200d/gu, '').trimEnd());
    const pictures = [
      grid('👍🏽 x', '|'),
      grid('a 👍🏽 👍🏽', '👍🏽     |'),
      grid('a  x', 'b     |'),
      grid('', '👍🏽'),
    ];
    let before: Grid | undefined;
    for (const after of pictures) {
      expect(parts(await emulator.show(diffGrid(before, after)))).toEqual(parts(after.lines));
      before = after;
    }
  });
});

describe('a palette', () => {
  const sgr = (depth: 'none' | '16' | '256' | 'true', theme: 'dark' | 'light' = 'dark') =>
    new Palette({ depth, theme }).look(span('x', 'good')).sgr;

  test('speaks the language of the terminal', () => {
    expect(sgr('none')).toBe('');
    expect(sgr('16')).toBe('32');
    expect(sgr('256')).toMatch(/^38;5;\d+$/);
    expect(sgr('true')).toMatch(/^38;2;\d+;\d+;\d+$/);
    expect(sgr('true', 'light')).not.toBe(sgr('true'));
  });

  test('without colours still shows what is chosen', () => {
    expect(new Palette({ depth: 'none', theme: 'dark' }).look(span('x', 'choice')).sgr).toBe('1;7');
  });

  test('gives a nickname the same colour however much of it is shown', () => {
    const palette = new Palette({ depth: '256', theme: 'dark' });
    const whole = palette.look(span('bartholomew', 'nickname'));
    const cut = palette.look({ ...span('barth…', 'nickname'), nickname: 'bartholomew' });
    expect(cut.sgr).toBe(whole.sgr);
  });
});
