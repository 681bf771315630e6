// Turns what a terminal sends in raw mode into keys. Sequences: ECMA-48, xterm's ctlseqs ("PC-Style Function
// Keys"), bracketed paste (mode 2004). A chunk may hold half a sequence or twenty keys: both are usual.

/** A key, some typed text, or a pasted piece. */
export type KeyEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'paste'; readonly text: string }
  | { readonly type: 'key'; readonly name: KeyName; readonly ctrl: boolean; readonly alt: boolean };

/** The names of keys that are not text. A letter's name appears with `ctrl` or `alt` only. */
type KeyName = string;

const ESCAPE = '\u001b';
const ESCAPE_KEY: KeyEvent = { type: 'key', name: 'escape', ctrl: false, alt: false };
const PASTE_START = '\u001b[200~';
const PASTE_END = '\u001b[201~';
/** A paste beyond this is cut: no message can be so long, and memory stays bounded. */
const PASTE_CHARACTERS_MAX = 1_000_000;
/** No sequence of a terminal is so long; more than this is not one, and is dropped. */
const SEQUENCE_CHARACTERS_MAX = 64;

const CSI_FINAL_NAMES: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  // Not keys: the terminal's window came to the front, or went behind others (mode 1004).
  I: 'focus-in',
  O: 'focus-out',
  Z: 'backtab',
};
const CSI_NUMBER_NAMES: Readonly<Record<string, KeyName>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
};
const CONTROL_NAMES: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is the parser of control sequences
const CSI = /^\u001b\[([\x30-\x3f]*)([\x20-\x2f]*)([\x40-\x7e])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const SS3 = /^\u001bO([\x40-\x7e])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: text is everything else
const TEXT_RUN = /^[^\x00-\x1f\x7f]+/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: answers of the terminal (OSC, DCS, APC…) are not keys
const STRING_SEQUENCE = /^\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)/;

/** Decodes a stream of chunks (already UTF-8 decoded) into keys. */
export class KeyDecoder {
  #pending = '';
  #paste: string | undefined;

  /** True while an Escape waits for the rest of its sequence: call `flush` when nothing follows soon. */
  get hasPendingEscape(): boolean {
    return this.#paste === undefined && this.#pending !== '';
  }

  /** Takes the next chunk and gives the keys that are complete. */
  push(chunk: string): KeyEvent[] {
    this.#pending += chunk;
    const events: KeyEvent[] = [];
    while (this.#pending !== '') {
      const before = this.#pending;
      const event = this.#paste === undefined ? this.#takeKey() : this.#takePaste();
      if (event) events.push(event);
      if (this.#pending === before) break;
    }
    return events;
  }

  /** Nothing followed in time: the pending Escape was the key itself. */
  flush(): KeyEvent[] {
    if (!this.hasPendingEscape) return [];
    const rest = this.#pending.slice(1);
    this.#pending = '';
    return rest === '' ? [ESCAPE_KEY] : [];
  }

  #takeKey(): KeyEvent | undefined {
    const input = this.#pending;
    if (input.startsWith(ESCAPE)) return this.#takeEscape(input);
    const text = TEXT_RUN.exec(input)?.[0];
    if (text !== undefined) {
      this.#pending = input.slice(text.length);
      return { type: 'text', text };
    }
    this.#pending = input.slice(1);
    return controlKey(input[0] ?? '', false);
  }

  #takeEscape(input: string): KeyEvent | undefined {
    if (input.startsWith(PASTE_START)) {
      this.#pending = input.slice(PASTE_START.length);
      this.#paste = '';
      return undefined;
    }
    const sequence = CSI.exec(input) ?? SS3.exec(input) ?? STRING_SEQUENCE.exec(input);
    if (sequence) {
      this.#pending = input.slice(sequence[0].length);
      return sequenceKey(sequence);
    }
    if (input.length === 1) return undefined;
    const second = String.fromCodePoint(input.codePointAt(1) ?? 0);
    if ('[O]P_^X'.includes(second)) {
      if (input.length > SEQUENCE_CHARACTERS_MAX) this.#pending = '';
      return undefined;
    }
    if (second === ESCAPE) {
      this.#pending = input.slice(1);
      return ESCAPE_KEY;
    }
    this.#pending = input.slice(1 + second.length);
    return second < ' ' || second === '\u007f'
      ? controlKey(second, true)
      : { type: 'key', name: second.toLowerCase(), ctrl: false, alt: true };
  }

  #takePaste(): KeyEvent | undefined {
    const end = this.#pending.indexOf(PASTE_END);
    if (end < 0) {
      // The end mark itself may be cut in two: its possible beginning stays pending.
      const keep = partialEndLength(this.#pending);
      const taken = this.#pending.slice(0, this.#pending.length - keep);
      this.#paste = ((this.#paste ?? '') + taken).slice(0, PASTE_CHARACTERS_MAX);
      this.#pending = this.#pending.slice(taken.length);
      return undefined;
    }
    const text = ((this.#paste ?? '') + this.#pending.slice(0, end)).slice(0, PASTE_CHARACTERS_MAX);
    this.#pending = this.#pending.slice(end + PASTE_END.length);
    this.#paste = undefined;
    return { type: 'paste', text };
  }
}

function controlKey(character: string, alt: boolean): KeyEvent {
  const name = CONTROL_NAMES[character];
  if (name !== undefined) return { type: 'key', name, ctrl: false, alt };
  const letter = String.fromCharCode((character.codePointAt(0) ?? 0) + 0x60);
  return { type: 'key', name: letter, ctrl: true, alt };
}

function sequenceKey(sequence: RegExpExecArray): KeyEvent | undefined {
  const isCsi = sequence.length === 4;
  const parameters = isCsi ? (sequence[1] ?? '').split(';') : [];
  const final = (isCsi ? sequence[3] : sequence[1]) ?? '';
  const name = final === '~' ? CSI_NUMBER_NAMES[parameters[0] ?? ''] : CSI_FINAL_NAMES[final];
  if (name === undefined) return undefined;
  // xterm: the second parameter is 1 + (1 Shift, 2 Alt, 4 Control).
  const modifiers = Number(parameters[1] ?? '1') - 1;
  return { type: 'key', name, ctrl: (modifiers & 4) !== 0, alt: (modifiers & 2) !== 0 };
}

function partialEndLength(text: string): number {
  for (let length = PASTE_END.length - 1; length > 0; length -= 1) {
    if (PASTE_END.startsWith(text.slice(-length)) && text.length >= length) return length;
  }
  return 0;
}
