import type { Transfer } from '@parley/client-core';
import { KeyDecoder, type KeyEvent } from '../input/key-decoder.ts';
import { type EditorAction, LineEditor } from '../input/line-editor.ts';
import type { AreaView } from '../view/area.ts';
import type { EntryContent } from '../view/entry.ts';
import { type Line, span } from '../view/line.ts';
import type { Renderer } from '../view/renderer.ts';
import type { KeySource } from './terminal.ts';
import type { LineRequest, UserInterface } from './user-interface.ts';

/** A lone Escape is a key when nothing follows for this long; the parts of a sequence follow at once. */
const ESCAPE_WAIT_MS = 50;

/** A person at a terminal: keys go to the line editor, everything that is shown goes to a renderer. */
export class TerminalInterface implements UserInterface {
  readonly #terminal: KeySource;
  readonly #renderer: Renderer;
  readonly #onInterrupt: () => void;
  readonly #decoder = new KeyDecoder();
  readonly #editor = new LineEditor();
  /** Lines that were entered before anybody asked for them. */
  readonly #entered: string[] = [];
  #request: LineRequest | undefined;
  #answer: ((line: string | undefined) => void) | undefined;
  #isStopped = false;
  #status: Line = [];
  #transfers: readonly Transfer[] = [];
  #hint: Line = [];
  /** The last key was Ctrl-C on an empty line: another one leaves. */
  #isLeavingHinted = false;
  #escapeTimer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly terminal: KeySource;
    readonly renderer: Renderer;
    /** The user wants to leave while no line is asked for. */
    readonly onInterrupt: () => void;
  }) {
    this.#terminal = options.terminal;
    this.#renderer = options.renderer;
    this.#onInterrupt = options.onInterrupt;
    this.#terminal.open({
      onInput: (text) => this.#input(text),
      onResize: () => this.#renderer.resize(),
      onResume: () => {
        this.#renderer.resume();
        this.#refresh();
      },
      onGone: () => this.#onInterrupt(),
    });
    this.#refresh();
  }

  show(content: EntryContent, time = Date.now()): void {
    this.#renderer.append({ time, content });
  }

  setStatus(status: Line): void {
    this.#status = status;
    this.#refresh();
  }

  setTransfers(transfers: readonly Transfer[]): void {
    this.#transfers = transfers;
    this.#refresh();
  }

  readLine(request: LineRequest): Promise<string | undefined> {
    this.#request = request;
    this.#refresh();
    const entered = this.#entered.shift();
    if (entered !== undefined) return Promise.resolve(entered);
    if (this.#isStopped) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  stopReading(): void {
    this.#isStopped = true;
    this.#answerWith(undefined);
  }

  close(): void {
    clearTimeout(this.#escapeTimer);
    this.#renderer.suspend();
    this.#terminal.close();
  }

  #input(text: string): void {
    clearTimeout(this.#escapeTimer);
    this.#keys(this.#decoder.push(text));
    if (this.#decoder.hasPendingEscape) {
      this.#escapeTimer = setTimeout(() => this.#keys(this.#decoder.flush()), ESCAPE_WAIT_MS);
    }
  }

  #keys(events: readonly KeyEvent[]): void {
    for (const event of events) {
      const wasHinted = this.#isLeavingHinted;
      this.#isLeavingHinted = false;
      this.#hint = [];
      const action = this.#editor.handleKey(event);
      if (action) this.#act(action, wasHinted);
    }
    this.#refresh();
  }

  #act(action: EditorAction, wasLeavingHinted: boolean): void {
    switch (action.type) {
      case 'submit':
        if (this.#request?.isRemembered !== false) this.#editor.history.add(action.text);
        this.#enter(action.text);
        break;
      case 'interrupt':
        this.#interrupt(wasLeavingHinted);
        break;
      case 'end-of-input':
        this.#leave();
        break;
      case 'suspend':
        this.#renderer.suspend();
        this.#terminal.suspend();
        break;
      case 'redraw':
        this.#terminal.clear();
        break;
      case 'complete':
        void this.#complete();
        break;
    }
  }

  #enter(line: string): void {
    if (!this.#answerWith(line)) this.#entered.push(line);
  }

  /** Answers the one who waits for a line; false when nobody does. */
  #answerWith(line: string | undefined): boolean {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(line);
    return answer !== undefined;
  }

  /** The first Ctrl-C empties the line or says how to leave, the second one leaves. */
  #interrupt(wasHinted: boolean): void {
    if (this.#editor.text !== '') {
      this.#editor.set('');
      return;
    }
    if (wasHinted || !this.#answer) {
      this.#leave();
      return;
    }
    this.#isLeavingHinted = true;
    this.#hint = [span('Ctrl-C again to leave', 'dim')];
  }

  #leave(): void {
    if (!this.#answerWith(undefined)) this.#onInterrupt();
  }

  /** What was typed while the candidates were looked up is worth more than the completion. */
  async #complete(): Promise<void> {
    const { text, cursor } = this.#editor;
    const completion = await this.#request?.complete?.(text, cursor);
    if (!completion || this.#editor.text !== text || this.#editor.cursor !== cursor) return;
    this.#editor.set(completion.text, completion.cursor);
    this.#hint = completion.candidates.map((candidate) => span(candidate, 'dim'));
    this.#refresh();
  }

  #refresh(): void {
    const area: AreaView = {
      transfers: this.#transfers,
      hint: this.#hint,
      status: this.#status,
      prompt: this.#request?.prompt ?? '',
      // Not even how long it is.
      text: this.#request?.isSecret ? '' : this.#editor.text,
      cursor: this.#request?.isSecret ? 0 : this.#editor.cursor,
    };
    this.#renderer.update(area);
  }
}
