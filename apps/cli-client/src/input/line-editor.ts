import { nextGrapheme, nextWord, previousGrapheme, previousWord } from '../text/graphemes.ts';
import { InputHistory } from './history.ts';
import { HistorySearch } from './history-search.ts';
import type { KeyEvent } from './key-decoder.ts';

/** Characters in the input; a message of the protocol is shorter, and a pasted book stays bounded. */
const TEXT_CHARACTERS_MAX = 16_384;

/** What the program has to do after a key; everything else happened inside the editor. */
export type EditorAction =
  | { readonly type: 'submit'; readonly text: string }
  | { readonly type: 'interrupt' }
  | { readonly type: 'end-of-input' }
  | { readonly type: 'suspend' }
  | { readonly type: 'redraw' }
  | { readonly type: 'complete'; readonly isBackwards: boolean };

type EditorCommand = (editor: LineEditor) => EditorAction | undefined;

/**
 * The line being typed: text, cursor and what the editing keys do to them, with the keys of readline. It
 * draws nothing and knows no terminal. The cursor is an index into the text (UTF-16) and always stands
 * between two graphemes. The text may hold line breaks (Alt-Enter, or a paste); Enter submits all of it.
 */
export class LineEditor {
  readonly history = new InputHistory();
  #text = '';
  #cursor = 0;
  #killed = '';
  #search: HistorySearch | undefined;
  /** What was there before the search. */
  #unsearched = { text: '', cursor: 0 };

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** The text without what a search has found and nobody has taken yet. */
  get typed(): string {
    return this.#search ? this.#unsearched.text : this.#text;
  }

  /** The search through the history that is under way. */
  get search(): HistorySearch | undefined {
    return this.#search;
  }

  /** Replaces everything, and ends a search; the cursor goes to `cursor`, or to the end. */
  set(text: string, cursor = text.length): void {
    this.#search = undefined;
    this.#put(text, cursor);
  }

  #put(text: string, cursor: number): void {
    this.#text = text.slice(0, TEXT_CHARACTERS_MAX);
    this.#cursor = Math.min(Math.max(0, cursor), this.#text.length);
  }

  /** Replaces what stands between two indexes, and puts the cursor behind it. */
  replace(start: number, end: number, text: string): void {
    this.set(this.#text.slice(0, start) + text + this.#text.slice(end), start + text.length);
  }

  /** Applies one key; tells what is left to do for others. A submitted line is theirs to put into the history. */
  handleKey(event: KeyEvent): EditorAction | undefined {
    if (this.#search && this.#searchKey(event, this.#search)) return undefined;
    if (event.type !== 'key') {
      this.#insert(event.type === 'paste' ? pasted(event.text) : event.text);
      return undefined;
    }
    const prefix = `${event.ctrl ? 'ctrl-' : ''}${event.alt ? 'alt-' : ''}`;
    return KEY_COMMANDS[prefix + event.name]?.(this);
  }

  /** Ctrl-R: what is typed from now on is searched for in the lines that were entered. */
  beginSearch(): void {
    this.#search = new HistorySearch(this.history.lines);
    this.#unsearched = { text: this.#text, cursor: this.#cursor };
  }

  submit(): EditorAction {
    const text = this.#text;
    this.set('');
    return { type: 'submit', text };
  }

  insertLineBreak(): void {
    this.#insert('\n');
  }

  /** Moves the cursor to what `target` gives for the text and the cursor. */
  move(target: (text: string, cursor: number) => number): void {
    this.#cursor = target(this.#text, this.#cursor);
  }

  /** Deletes from the cursor to what `target` gives; `kill` keeps it for `yank`. */
  erase(target: (text: string, cursor: number) => number, kill = false): void {
    const other = target(this.#text, this.#cursor);
    const start = Math.min(other, this.#cursor);
    const end = Math.max(other, this.#cursor);
    if (start === end) return;
    if (kill) this.#killed = this.#text.slice(start, end);
    this.replace(start, end, '');
  }

  yank(): void {
    this.#insert(this.#killed);
  }

  /** Exchanges the graphemes around the cursor. */
  transpose(): void {
    if (this.#text === '') return;
    const end = nextGrapheme(this.#text, this.#cursor);
    const middle = previousGrapheme(this.#text, end);
    const start = previousGrapheme(this.#text, middle);
    if (start === middle) return;
    this.replace(start, end, this.#text.slice(middle, end) + this.#text.slice(start, middle));
  }

  /** One line up inside a text of several lines, otherwise the history. */
  up(): void {
    const start = lineStart(this.#text, this.#cursor);
    if (start > 0) {
      const previousStart = lineStart(this.#text, start - 1);
      this.#cursor = clampToBoundary(this.#text, previousStart + (this.#cursor - start), start - 1);
      return;
    }
    const line = this.history.previous(this.#text);
    if (line !== undefined) this.set(line);
  }

  /** One line down inside a text of several lines, otherwise the history. */
  down(): void {
    const end = lineEnd(this.#text, this.#cursor);
    if (end < this.#text.length) {
      const column = this.#cursor - lineStart(this.#text, this.#cursor);
      this.#cursor = clampToBoundary(this.#text, end + 1 + column, lineEnd(this.#text, end + 1));
      return;
    }
    const line = this.history.next();
    if (line !== undefined) this.set(line);
  }

  /** False for a key that ends the search, and then does what it always does. */
  #searchKey(event: KeyEvent, search: HistorySearch): boolean {
    if (event.type !== 'key')
      search.extend(event.type === 'paste' ? (pasted(event.text).split('\n')[0] ?? '') : event.text);
    else {
      const name = `${event.ctrl ? 'ctrl-' : ''}${event.alt ? 'alt-' : ''}${event.name}`;
      switch (name) {
        case 'ctrl-r':
          search.older();
          break;
        case 'ctrl-s':
          search.newer();
          break;
        case 'backspace':
          search.shorten();
          break;
        case 'ctrl-c':
        case 'ctrl-g':
          this.set(this.#unsearched.text, this.#unsearched.cursor);
          return true;
        default:
          this.#search = undefined;
          return name === 'escape';
      }
    }
    const { match, matchStart, query } = search;
    if (match === undefined) this.#put(this.#unsearched.text, this.#unsearched.cursor);
    else this.#put(match, matchStart + query.length);
    return true;
  }

  #insert(text: string): void {
    const room = TEXT_CHARACTERS_MAX - this.#text.length;
    if (text.length > room && room <= 0) return;
    const taken = text.slice(0, room);
    this.replace(this.#cursor, this.#cursor, taken);
    // What was typed may join the grapheme behind the cursor (a combining mark, a second half of a flag).
    const boundary = nextGrapheme(this.#text, previousGrapheme(this.#text, this.#cursor));
    this.#cursor = Math.max(this.#cursor, boundary);
  }
}

const lineStart = (text: string, cursor: number): number => text.lastIndexOf('\n', cursor - 1) + 1;
const lineEnd = (text: string, cursor: number): number => {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
};

/** Where Ctrl-W deletes to: words are what stands between spaces. */
function whitespaceWordStart(text: string, cursor: number): number {
  const isSpace = (index: number) => /\s/.test(text[index] ?? '');
  let start = cursor;
  while (start > 0 && isSpace(start - 1)) start -= 1;
  while (start > 0 && !isSpace(start - 1)) start -= 1;
  return start;
}

function clampToBoundary(text: string, index: number, end: number): number {
  if (index >= end) return end;
  return previousGrapheme(text, nextGrapheme(text, index));
}

/** A paste keeps its lines; other control characters in it are dropped, so that it cannot press keys. */
function pasted(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\t/g, '    ').replace(/\n+$/, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: dropping them is the point
  return lines.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '');
}

const deleteForward: EditorCommand = (editor) => void editor.erase(nextGrapheme);
const goToStart: EditorCommand = (editor) => void editor.move(lineStart);
const goToEnd: EditorCommand = (editor) => void editor.move(lineEnd);
const goBack: EditorCommand = (editor) => void editor.move(previousGrapheme);
const goForward: EditorCommand = (editor) => void editor.move(nextGrapheme);
const goWordBack: EditorCommand = (editor) => void editor.move(previousWord);
const goWordForward: EditorCommand = (editor) => void editor.move(nextWord);
const killWordBack: EditorCommand = (editor) => void editor.erase(previousWord, true);
const killWordForward: EditorCommand = (editor) => void editor.erase(nextWord, true);

const KEY_COMMANDS: Readonly<Record<string, EditorCommand>> = {
  enter: (editor) => editor.submit(),
  'alt-enter': (editor) => void editor.insertLineBreak(),
  tab: () => ({ type: 'complete', isBackwards: false }),
  backtab: () => ({ type: 'complete', isBackwards: true }),
  backspace: (editor) => void editor.erase(previousGrapheme),
  'alt-backspace': killWordBack,
  delete: deleteForward,
  left: goBack,
  right: goForward,
  'ctrl-left': goWordBack,
  'ctrl-right': goWordForward,
  'alt-left': goWordBack,
  'alt-right': goWordForward,
  home: goToStart,
  end: goToEnd,
  up: (editor) => void editor.up(),
  down: (editor) => void editor.down(),
  'ctrl-a': goToStart,
  'ctrl-b': goBack,
  'ctrl-c': () => ({ type: 'interrupt' }),
  'ctrl-d': (editor) => (editor.text === '' ? { type: 'end-of-input' } : deleteForward(editor)),
  'ctrl-e': goToEnd,
  'ctrl-f': goForward,
  'ctrl-k': (editor) => void editor.erase(lineEnd, true),
  'ctrl-l': () => ({ type: 'redraw' }),
  'ctrl-n': (editor) => void editor.down(),
  'ctrl-p': (editor) => void editor.up(),
  'ctrl-r': (editor) => void editor.beginSearch(),
  'ctrl-t': (editor) => void editor.transpose(),
  'ctrl-u': (editor) => void editor.erase(lineStart, true),
  'ctrl-w': (editor) => void editor.erase(whitespaceWordStart, true),
  'ctrl-y': (editor) => void editor.yank(),
  'ctrl-z': () => ({ type: 'suspend' }),
  'alt-b': goWordBack,
  'alt-d': killWordForward,
  'alt-f': goWordForward,
};
