import { Terminal } from '@xterm/headless';
import { FullScreenRenderer } from '../../src/screen/full-screen-renderer.ts';
import { type ColorDepth, Palette, type ThemeName } from '../../src/screen/palette.ts';
import { ASCII_GLYPHS, type Glyphs } from '../../src/view/glyphs.ts';
import { type ScreenOutput, ScreenRenderer } from '../../src/view/screen-renderer.ts';
import { Theme } from '../../src/view/theme.ts';
import type { Workspace } from '../../src/workspace/workspace.ts';

/** Longer than anything that a test waits for, shorter than a test may take. */
const PATIENCE_MS = 100_000;

/** A real terminal emulator without a window: what is written to it can be looked at. */
export class VirtualScreen implements ScreenOutput {
  readonly #terminal: Terminal;
  readonly written: string[] = [];
  columns: number;
  rows: number;
  #drawings: (() => void)[] = [];
  #watchers: (() => void)[] = [];

  constructor(size: { readonly columns: number; readonly rows: number } = { columns: 60, rows: 12 }) {
    this.columns = size.columns;
    this.rows = size.rows;
    this.#terminal = new Terminal({
      cols: size.columns,
      rows: size.rows,
      allowProposedApi: true,
      scrollback: 1_000,
    });
  }

  write(text: string): void {
    this.written.push(text);
    this.#terminal.write(text, () => {
      for (const watcher of [...this.#watchers]) watcher();
    });
  }

  /** Waits until `isTrue` for what is on the screen; a test that waits in vain says for what, and what it saw. */
  until(isTrue: () => boolean, purpose: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#watchers = this.#watchers.filter((watcher) => watcher !== watch);
        settle();
      };
      const watch = () => {
        if (isTrue()) finish(resolve);
      };
      const giveUp = () =>
        reject(new Error(`waited in vain ${purpose}; the screen:\n${this.allLines.join('\n')}`));
      const timer = setTimeout(() => finish(giveUp), PATIENCE_MS);
      this.#watchers.push(watch);
      watch();
    });
  }

  /** A renderer on this screen that draws when `settle` is called, or at once. */
  renderer(
    options: { readonly glyphs?: Glyphs; readonly hasColors?: boolean; readonly isImmediate?: boolean } = {},
  ): ScreenRenderer {
    return new ScreenRenderer({
      output: this,
      theme: new Theme({ hasColors: options.hasColors ?? false }),
      glyphs: options.glyphs ?? ASCII_GLYPHS,
      reflow: 'all-but-cursor-row',
      schedule: (draw) => (options.isImmediate ? draw() : this.#drawings.push(draw)),
    });
  }

  /** The same for a full screen. */
  fullScreenRenderer(
    workspace: Workspace,
    options: {
      readonly depth?: ColorDepth;
      readonly theme?: ThemeName;
      readonly isImmediate?: boolean;
      readonly now?: () => number;
    } = {},
  ): FullScreenRenderer {
    const { depth = 'none', theme = 'dark' } = options;
    return new FullScreenRenderer({
      workspace,
      output: this,
      glyphs: ASCII_GLYPHS,
      palette: new Palette({ depth, theme }),
      schedule: (draw) => (options.isImmediate ? draw() : this.#drawings.push(draw)),
      now: options.now ?? (() => 0),
    });
  }

  /** Draws what was asked for, and waits until the emulator has read it. */
  async settle(): Promise<void> {
    for (const draw of this.#drawings.splice(0)) draw();
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#terminal.resize(columns, rows);
  }

  /** The visible rows, without the empty ones at the end. */
  get lines(): string[] {
    const buffer = this.#terminal.buffer.active;
    return trimmed(this.#rowsFrom(buffer.baseY, this.rows));
  }

  /** Everything, with what has scrolled away. */
  get allLines(): string[] {
    return trimmed(this.#rowsFrom(0, this.#terminal.buffer.active.length));
  }

  get cursor(): { readonly row: number; readonly column: number } {
    const buffer = this.#terminal.buffer.active;
    return { row: buffer.cursorY, column: buffer.cursorX };
  }

  /** The row where the cursor is, with a bar at its place. */
  get inputLine(): string {
    const { row, column } = this.cursor;
    const line = (this.#rowsFrom(this.#terminal.buffer.active.baseY + row, 1)[0] ?? '').padEnd(column);
    return `${line.slice(0, column)}|${line.slice(column)}`;
  }

  #rowsFrom(first: number, count: number): string[] {
    const buffer = this.#terminal.buffer.active;
    return Array.from(
      { length: count },
      (_, index) => buffer.getLine(first + index)?.translateToString(true) ?? '',
    );
  }
}

function trimmed(lines: string[]): string[] {
  const last = lines.findLastIndex((line) => line !== '');
  return lines.slice(0, last + 1);
}
