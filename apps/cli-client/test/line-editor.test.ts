import { beforeEach, describe, expect, test } from 'vitest';
import { KeyDecoder } from '../src/input/key-decoder.ts';
import { type EditorAction, LineEditor } from '../src/input/line-editor.ts';

const ESC = '\u001b';
const KEYS = {
  left: `${ESC}[D`,
  right: `${ESC}[C`,
  up: `${ESC}[A`,
  down: `${ESC}[B`,
  home: `${ESC}[H`,
  end: `${ESC}[F`,
  delete: `${ESC}[3~`,
  backspace: '\u007f',
  ctrlLeft: `${ESC}[1;5D`,
  altEnter: `${ESC}\r`,
  ctrl: (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 0x60),
  alt: (letter: string) => `${ESC}${letter}`,
};
const FAMILY = '👨‍👩‍👧‍👦';

let editor: LineEditor;
let decoder: KeyDecoder;

beforeEach(() => {
  editor = new LineEditor();
  decoder = new KeyDecoder();
});

function type(...keys: string[]): (EditorAction | undefined)[] {
  const actions: (EditorAction | undefined)[] = [];
  for (const text of keys) for (const event of decoder.push(text)) actions.push(editor.handleKey(event));
  return actions.filter(Boolean);
}

/** The text with a bar at the cursor. */
function shown(): string {
  return `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`;
}

describe('editing', () => {
  test('types in the middle', () => {
    type('hllo', KEYS.home, KEYS.right, 'e');
    expect(shown()).toBe('he|llo');
  });

  test('Ctrl-A, Ctrl-E, Home and End go to the ends', () => {
    type('hello', KEYS.ctrl('a'));
    expect(shown()).toBe('|hello');
    type(KEYS.ctrl('e'));
    expect(shown()).toBe('hello|');
    type(KEYS.home);
    expect(shown()).toBe('|hello');
    type(KEYS.end);
    expect(shown()).toBe('hello|');
  });

  test('Ctrl-K and Ctrl-U delete to the ends, Ctrl-Y brings back', () => {
    type('hello world', KEYS.ctrlLeft, KEYS.ctrl('k'));
    expect(shown()).toBe('hello |');
    type(KEYS.ctrl('y'));
    expect(shown()).toBe('hello world|');
    type(KEYS.ctrlLeft, KEYS.ctrl('u'));
    expect(shown()).toBe('|world');
  });

  test('Ctrl-W deletes to the space before, Alt-Backspace a word', () => {
    type('look at /usr/share', KEYS.ctrl('w'));
    expect(shown()).toBe('look at |');
    type('/usr/share', KEYS.alt(KEYS.backspace));
    expect(shown()).toBe('look at /usr/|');
    type(KEYS.ctrl('w'), KEYS.ctrl('w'));
    expect(shown()).toBe('look |');
  });

  test('Alt-B, Alt-F and Alt-D move and delete by words', () => {
    type('one two three', KEYS.alt('b'), KEYS.alt('b'));
    expect(shown()).toBe('one |two three');
    type(KEYS.alt('f'));
    expect(shown()).toBe('one two| three');
    type(KEYS.alt('d'));
    expect(shown()).toBe('one two|');
  });

  test('Ctrl-T exchanges two characters', () => {
    type('ba', KEYS.ctrl('t'));
    expect(shown()).toBe('ab|');
    type(KEYS.home, KEYS.right, KEYS.ctrl('t'));
    expect(shown()).toBe('ba|');
  });

  test('Backspace, Delete and the arrows take whole graphemes', () => {
    type(`a${FAMILY}e\u0301日`, KEYS.backspace);
    expect(shown()).toBe(`a${FAMILY}e\u0301|`);
    type(KEYS.left, KEYS.left);
    expect(shown()).toBe(`a|${FAMILY}e\u0301`);
    type(KEYS.delete);
    expect(shown()).toBe('a|e\u0301');
    type(KEYS.right, KEYS.backspace);
    expect(shown()).toBe('a|');
  });

  test('a mark that joins the letter before does not leave the cursor inside it', () => {
    type('ex', KEYS.left, '\u0301');
    expect(shown()).toBe('e\u0301|x');
  });

  test('half of a flag that joins the half behind it does not leave the cursor between them', () => {
    type('🇪', KEYS.left, '🇩');
    expect(shown()).toBe('🇩🇪|');
  });

  test('Ctrl-D deletes forward, and on an empty line it is the end', () => {
    expect(type('ab', KEYS.home, KEYS.ctrl('d'))).toEqual([]);
    expect(shown()).toBe('|b');
    expect(type(KEYS.ctrl('d'), KEYS.ctrl('d'))).toEqual([{ type: 'end-of-input' }]);
  });

  test('keys without a meaning change nothing', () => {
    type('abc', KEYS.ctrl('q'), `${ESC}[24~`, KEYS.alt('x'), `${ESC}[5~`);
    expect(shown()).toBe('abc|');
  });

  test('an endless line is bounded', () => {
    for (let count = 0; count < 20; count += 1) type('x'.repeat(1_000));
    expect(editor.text).toHaveLength(16_384);
  });
});

describe('Enter', () => {
  test('submits the whole text, wherever the cursor is, and begins anew', () => {
    expect(type('hello', KEYS.home, '\r')).toEqual([{ type: 'submit', text: 'hello' }]);
    expect(shown()).toBe('|');
  });

  test('Alt-Enter makes another line of the same text', () => {
    expect(type('one', KEYS.altEnter, 'two', '\r')).toEqual([{ type: 'submit', text: 'one\ntwo' }]);
  });
});

describe('a paste', () => {
  const paste = (text: string) => type(`${ESC}[200~${text}${ESC}[201~`);

  test('of several lines is not sent', () => {
    expect(paste('one\r\ntwo\rthree\n')).toEqual([]);
    expect(editor.text).toBe('one\ntwo\nthree');
  });

  test('loses its control characters', () => {
    paste(`a\u0003b${ESC}[2Jc\td`);
    expect(editor.text).toBe('ab[2Jc    d');
  });
});

describe('several lines', () => {
  beforeEach(() => {
    type('first', KEYS.altEnter, 'second line', KEYS.altEnter, 'third');
  });

  test('Up and Down go from line to line', () => {
    type(KEYS.up);
    expect(shown()).toBe('first\nsecon|d line\nthird');
    type(KEYS.up, KEYS.home);
    expect(shown()).toBe('|first\nsecond line\nthird');
    type(KEYS.down, KEYS.end, KEYS.down);
    expect(shown()).toBe('first\nsecond line\nthird|');
  });

  test('Ctrl-U deletes in its line only', () => {
    type(KEYS.up, KEYS.ctrl('u'));
    expect(editor.text).toBe('first\nd line\nthird');
  });
});

describe('the history', () => {
  beforeEach(() => {
    for (const line of ['one', 'two', 'two', '   ', 'three']) editor.history.add(line);
  });

  test('is walked with the arrow keys, without blank and repeated lines', () => {
    type(KEYS.up, KEYS.up);
    expect(editor.text).toBe('two');
    type(KEYS.up, KEYS.up, KEYS.up);
    expect(editor.text).toBe('one');
    type(KEYS.down);
    expect(editor.text).toBe('two');
  });

  test('keeps the line that was being typed', () => {
    type('draft', KEYS.up, KEYS.up, KEYS.down, KEYS.down, KEYS.down);
    expect(shown()).toBe('draft|');
  });

  test('a line from it can be edited and is entered again as a new one', () => {
    type(KEYS.up, '!');
    editor.history.add(editor.text);
    editor.set('');
    type(KEYS.up);
    expect(editor.text).toBe('three!');
    type(KEYS.up);
    expect(editor.text).toBe('three');
  });

  test('is bounded', () => {
    for (let count = 0; count < 1_000; count += 1) editor.history.add(`line ${count}`);
    type(...Array(600).fill(KEYS.up));
    expect(editor.text).toBe('line 500');
  });
});
