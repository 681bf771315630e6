import type { Transfer } from '@parley/client-core';
import { KeyDecoder, type KeyEvent } from '../input/key-decoder.ts';
import { type EditorAction, LineEditor } from '../input/line-editor.ts';
import type { AreaView } from '../view/area.ts';
import type { EntryContent } from '../view/entry.ts';
import { markedLines } from '../view/entry-lines.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { type Line, lineText, span } from '../view/line.ts';
import type { PlaceView } from '../view/place.ts';
import { RatePlots } from '../view/rate-plots.ts';
import type { Renderer } from '../view/renderer.ts';
import { listingOf } from '../workspace/listings.ts';
import { screenAction } from '../workspace/screen-keys.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { CompletionMenu } from './completion-menu.ts';
import { statusLine } from './present.ts';
import type { KeySource } from './terminal.ts';
import type { LineRequest, Origin, TypedInput, UserInterface } from './user-interface.ts';

/** A lone Escape is a key when nothing follows for this long; the parts of a sequence follow at once. */
const ESCAPE_WAIT_MS = 50;

/** A person at a terminal: keys go to the line editor, everything that is shown goes to a renderer. */
export class TerminalInterface implements UserInterface {
  readonly workspace: Workspace | undefined;
  readonly #terminal: KeySource;
  readonly #renderer: Renderer;
  readonly #glyphs: Glyphs;
  readonly #onInterrupt: () => void;
  readonly #decoder = new KeyDecoder();
  readonly #editor = new LineEditor();
  /** Lines that were entered before anybody asked for them. */
  readonly #entered: string[] = [];
  /** A line was entered and is not carried out yet. */
  #isLineOpen = false;
  /** Keys that wait until it is. */
  readonly #held: KeyEvent[] = [];
  #request: LineRequest | undefined;
  #answer: ((line: string | undefined) => void) | undefined;
  #isStopped = false;
  #readPlace: (() => PlaceView) | undefined;
  #wished: () => void = () => {};
  #typed: () => void = () => {};
  #transfers: readonly Transfer[] = [];
  readonly #plots = new RatePlots();
  #hint: Line = [];
  #menu: CompletionMenu | undefined;
  /** The last key was Ctrl-C on an empty line: another one leaves. */
  #isLeavingHinted = false;
  /** Several lines were pasted, and nobody has said yet that they are meant. */
  #isPasteUnsure = false;
  #escapeTimer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly terminal: KeySource;
    readonly renderer: Renderer;
    /** What the renderer shows, when that is a full screen. */
    readonly workspace?: Workspace;
    readonly glyphs: Glyphs;
    /** The user wants to leave while no line is asked for. */
    readonly onInterrupt: () => void;
  }) {
    this.#terminal = options.terminal;
    this.#renderer = options.renderer;
    this.workspace = options.workspace;
    this.#glyphs = options.glyphs;
    this.#onInterrupt = options.onInterrupt;
    this.#terminal.open({
      onInput: (text) => this.#input(text),
      onResize: () => this.#renderer.resize(),
      onStopAsked: () => this.#stopForAWhile(),
      onResume: () => {
        this.#renderer.resume();
        this.#refresh();
      },
      onGone: () => this.#onInterrupt(),
    });
    this.#refresh();
  }

  show(content: EntryContent, origin?: Origin): void {
    const { time = Date.now(), room, sequence } = origin ?? {};
    this.#renderer.append({ time, content, room, sequence });
    const isTold =
      origin === undefined || (content.type === 'transfer-over' && content.transfer.state === 'failed');
    if (isTold && this.workspace?.isFollowing === false) this.#hintAt(content);
  }

  /** What a command came to is not to happen out of sight, below what somebody reads or under a list. */
  #hintAt(content: EntryContent): void {
    const isListed = content.type === 'transfer-begun' && this.workspace?.listing?.kind === 'transfers';
    if (isListed || listingOf(content) !== undefined) return;
    const { mark, lines } = markedLines(content, this.#glyphs);
    const [line = []] = lines;
    const style = content.type === 'error' || content.type === 'transfer-over' ? 'bad' : 'notice';
    this.#hint = [span(`${mark?.text ?? ''} ${lineText(line)}`, style)];
    this.#refresh();
  }

  setPlace(read: () => PlaceView): void {
    this.#readPlace = read;
    this.placeChanged();
  }

  placeChanged(): void {
    const draft = this.#readPlace && this.workspace?.handlePlace(this.#readPlace(), this.#editor.typed);
    if (draft !== undefined) this.#editor.set(draft);
    // A room that was gone to may have to be read.
    this.#wished();
    this.#refresh();
  }

  restoreInput({ history, drafts }: TypedInput): void {
    this.#editor.history.restore(history);
    const room = this.#room;
    this.workspace?.restoreDrafts(drafts);
    const draft = drafts[room];
    if (draft !== undefined && this.#editor.text === '') this.#editor.set(draft);
    this.#refresh();
  }

  get typedInput(): TypedInput {
    // An answer to a question is no draft, and a password above all is not to be kept.
    const isAnswer = this.#request?.isSecret === true || this.#request?.isRemembered === false;
    const drafts = { ...this.workspace?.drafts, [this.#room]: isAnswer ? '' : this.#editor.typed };
    const begun = Object.entries(drafts).filter(([, text]) => text !== '');
    return { history: this.#editor.history.lines, drafts: Object.fromEntries(begun) };
  }

  onTyped(listener: () => void): void {
    this.#typed = listener;
  }

  onWish(listener: () => void): void {
    this.#wished = listener;
  }

  setTransfers(transfers: readonly Transfer[]): void {
    this.#plots.handleTransfers(transfers, Date.now());
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
      this.#isLineOpen = false;
      if (this.#held.length > 0) queueMicrotask(() => this.#keys([]));
    });
  }

  setDraft(text: string): void {
    this.#editor.set(text);
    this.#refresh();
  }

  enterLine(line: string): void {
    this.#isLineOpen = true;
    if (!this.#answerWith(line)) this.#entered.push(line);
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
    this.#held.push(...events);
    for (;;) {
      const [next] = this.#held;
      if (next === undefined) break;
      // In a line that is being typed Alt has its meanings, also below a list.
      const isChoosing = this.workspace?.listing !== undefined && this.#editor.text === '';
      const [event = next, ...more] = isChoosing ? withoutUnknownAlt(next) : [next];
      // What was entered before goes to the room that was in front then.
      if (this.workspace && this.#isLineOpen && screenAction(event) !== undefined) break;
      this.#held.splice(0, 1, ...more);
      const wasHinted = this.#isLeavingHinted;
      this.#isLeavingHinted = false;
      this.#hint = [];
      if (this.workspace?.handleKey(event, this.#editor.text !== '')) {
        this.#wished();
        continue;
      }
      if (this.workspace && this.#asksAboutPaste(event)) continue;
      const action = this.#editor.handleKey(event);
      if (action) this.#act(action, wasHinted);
    }
    this.#typed();
    this.#refresh();
  }

  /** A pasted text of several lines may be there by mistake: the first Enter asks, the second one sends. */
  #asksAboutPaste(event: KeyEvent): boolean {
    if (event.type === 'paste') this.#isPasteUnsure ||= /[\r\n]./.test(event.text);
    if (!this.#isPasteUnsure || event.type !== 'key') return false;
    const lines = this.#editor.text.split('\n').length;
    if (lines === 1) this.#isPasteUnsure = false;
    if (event.name !== 'enter' || event.alt || lines === 1) return false;
    this.#isPasteUnsure = false;
    const words = `Enter again sends ${lines} lines as one message, Ctrl-C drops them`;
    this.#hint = [span(words, 'mention')];
    return true;
  }

  #act(action: EditorAction, wasLeavingHinted: boolean): void {
    switch (action.type) {
      case 'submit':
        if (this.#request?.isRemembered !== false) this.#editor.history.add(action.text);
        this.enterLine(action.text);
        break;
      case 'interrupt':
        this.#interrupt(wasLeavingHinted);
        break;
      case 'end-of-input':
        this.#leave();
        break;
      case 'suspend':
        this.#stopForAWhile();
        break;
      case 'redraw':
        this.#terminal.clear();
        break;
      case 'complete':
        void this.#complete(action.isBackwards ? -1 : 1);
        break;
    }
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

  get #room(): string {
    return this.#readPlace?.().room ?? '';
  }

  get #prompt(): string {
    const { search } = this.#editor;
    // What is typed at a secret prompt is a secret, whatever it is searched for.
    if (search === undefined || this.#request?.isSecret) return this.#request?.prompt ?? '';
    return search.isFailing
      ? `(nothing older with "${search.query}") `
      : `(entered before: "${search.query}") `;
  }

  #stopForAWhile(): void {
    this.#renderer.suspend();
    this.#terminal.suspend();
  }

  #leave(): void {
    if (!this.#answerWith(undefined)) this.#onInterrupt();
  }

  /** What was typed while the candidates were looked up is worth more than the completion. */
  async #complete(places: 1 | -1): Promise<void> {
    const { text, cursor } = this.#editor;
    if (this.#menu?.isFor(this.#editor)) this.#menu.step(places);
    else {
      const completion = await this.#request?.complete?.(text, cursor);
      if (!completion || this.#editor.text !== text || this.#editor.cursor !== cursor) return;
      this.#menu = new CompletionMenu(completion);
    }
    const { line, hint } = this.#menu;
    this.#editor.set(line.text, line.cursor);
    this.#hint = hint;
    this.#refresh();
  }

  #refresh(): void {
    const place = this.#readPlace;
    const area: AreaView = {
      transfers: this.#transfers,
      plot: this.#plots.plot,
      hint: this.#hint,
      status: () => (place ? statusLine(place()) : []),
      ...(place && { place }),
      prompt: this.#prompt,
      // Not even how long it is.
      text: this.#request?.isSecret ? '' : this.#editor.text,
      cursor: this.#request?.isSecret ? 0 : this.#editor.cursor,
    };
    this.#renderer.update(area);
  }
}

/** Escape and a key right behind it look like Alt: where that means nothing, they are what closes a list and goes on. */
function withoutUnknownAlt(event: KeyEvent): readonly KeyEvent[] {
  if (event.type !== 'key' || !event.alt || screenAction(event) !== undefined) return [event];
  const isLetter = event.name.length === 1 && !event.ctrl;
  return [
    { type: 'key', name: 'escape', ctrl: false, alt: false },
    isLetter ? { type: 'text', text: event.name } : { ...event, alt: false },
  ];
}
