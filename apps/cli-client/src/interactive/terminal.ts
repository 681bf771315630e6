import { writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream, WriteStream } from 'node:tty';
import { SCREEN_RESET, type ScreenOutput } from '../view/screen-renderer.ts';

const ESC = '\u001b';
/** Pastes arrive between marks, so that a line break in one is not the Enter key. */
const PASTE_MARKS_ON = `${ESC}[?2004h`;
const PASTE_MARKS_OFF = `${ESC}[?2004l`;
const CLEAR = `${ESC}[H${ESC}[2J`;
/** The other page of the terminal, which has no history; what was there before comes back at the end. */
const PAGE_ENTER = `${ESC}[?1049h`;
const PAGE_LEAVE = `${ESC}[?1049l`;
/** Windows that come to the front, or go behind others, are told as keys. */
const FOCUS_ON = `${ESC}[?1004h`;
const FOCUS_OFF = `${ESC}[?1004l`;
/** In the last column a character is to stay there. */
const WRAP_OFF = `${ESC}[?7l`;

/** What a terminal tells. */
export interface TerminalListener {
  onInput(text: string): void;
  onResize(): void;
  /** Somebody wants the program to stop for a while. */
  onStopAsked(): void;
  /** The program was stopped and goes on: the screen is somebody else's. */
  onResume(): void;
  /** The terminal has gone. */
  onGone(): void;
}

/** Where keys come from. */
export interface KeySource {
  open(listener: TerminalListener): void;
  /** As the shell does with Ctrl-Z; goes on with `onResume`. */
  suspend(): void;
  /** Empties the screen, and lets `onResume` draw it again. */
  clear(): void;
  close(): void;
}

/** A terminal in raw mode. Whatever ends the program, it is left as it was found. */
export class Terminal implements ScreenOutput, KeySource {
  readonly #input: ReadStream;
  readonly #output: WriteStream & { readonly fd: number };
  readonly #isFullScreen: boolean;
  readonly #utf8 = new StringDecoder('utf8');
  #listener: TerminalListener | undefined;
  #isRaw = false;

  constructor(
    input: ReadStream,
    output: WriteStream & { readonly fd: number },
    options: { readonly isFullScreen?: boolean } = {},
  ) {
    this.#input = input;
    this.#output = output;
    this.#isFullScreen = options.isFullScreen ?? false;
  }

  // A terminal that does not know its size says 0.
  get columns(): number {
    return this.#output.columns || 80;
  }

  get rows(): number {
    return this.#output.rows || 24;
  }

  write(text: string): void {
    this.#output.write(text);
  }

  open(listener: TerminalListener): void {
    this.#listener = listener;
    this.#input.on('data', this.#onData);
    this.#input.on('end', listener.onGone);
    this.#input.on('error', listener.onGone);
    this.#output.on('resize', listener.onResize);
    process.on('exit', this.#restore);
    process.on('SIGTSTP', this.#onStopAsked);
    process.on('SIGCONT', this.#onContinued);
    this.#enterRawMode();
  }

  suspend(): void {
    if (process.platform === 'win32') return;
    this.#restore();
    process.off('SIGTSTP', this.#onStopAsked);
    // The whole group, as the terminal itself would do it: whoever started us has to stop too.
    process.kill(0, 'SIGTSTP');
  }

  clear(): void {
    this.write(CLEAR);
    this.#listener?.onResume();
  }

  close(): void {
    if (!this.#listener) return;
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#listener.onGone);
    this.#input.pause();
    this.#output.off('resize', this.#listener.onResize);
    this.#listener = undefined;
    this.#restore();
    process.off('exit', this.#restore);
    process.off('SIGTSTP', this.#onStopAsked);
    process.off('SIGCONT', this.#onContinued);
  }

  /** Somebody else stops the program: the same as if the user did. */
  readonly #onStopAsked = (): void => {
    this.#listener?.onStopAsked();
  };

  /** Also after a stop that nobody announced (SIGSTOP): whatever the shell did to the terminal, it is ours again. */
  readonly #onContinued = (): void => {
    process.off('SIGTSTP', this.#onStopAsked);
    process.on('SIGTSTP', this.#onStopAsked);
    this.#enterRawMode();
    this.#listener?.onResume();
  };

  readonly #onData = (bytes: Buffer): void => {
    this.#listener?.onInput(this.#utf8.write(bytes));
  };

  #enterRawMode(): void {
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#isRaw = true;
    this.write((this.#isFullScreen ? PAGE_ENTER + WRAP_OFF + FOCUS_ON : '') + PASTE_MARKS_ON);
  }

  /** Synchronous: it is the last thing that a dying program does. */
  readonly #restore = (): void => {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    try {
      this.#input.setRawMode(false);
      const leave = this.#isFullScreen ? FOCUS_OFF + PAGE_LEAVE : '';
      writeSync(this.#output.fd, PASTE_MARKS_OFF + SCREEN_RESET + leave);
    } catch {
      // The terminal has gone: there is nothing to restore.
    }
  };
}
