import type { AreaView } from '../view/area.ts';
import type { Entry } from '../view/entry.ts';
import type { Glyphs } from '../view/glyphs.ts';
import type { Renderer } from '../view/renderer.ts';
import {
  CURSOR_HIDE,
  CURSOR_SHOW,
  type DrawScheduler,
  type DrawUrgency,
  type ScreenOutput,
  SYNC_BEGIN,
  SYNC_END,
} from '../view/screen-renderer.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { composeScreen, type ScreenLook } from './compose-screen.ts';
import type { Grid } from './grid.ts';
import { diffGrid, moveTo } from './grid-diff.ts';
import { MessageRows } from './message-rows.ts';
import type { Palette } from './palette.ts';
import { PictureCache } from './picture-cache.ts';

/**
 * Shows a workspace on the whole screen. What is to be seen is laid out in memory, and only the cells that differ from what
 * the terminal shows are written: however much happens, a picture is drawn only as often as the scheduler says.
 */
export class FullScreenRenderer implements Renderer {
  readonly #workspace: Workspace;
  readonly #output: ScreenOutput;
  readonly #schedule: DrawScheduler;
  readonly #now: () => number;
  readonly #look: ScreenLook;
  #area: AreaView | undefined;
  /** What the terminal shows; undefined when something else may have written to it. */
  #drawn: Grid | undefined;
  #drawnCursor = '';
  #isSuspended = false;
  /** A picture is about to be drawn, and how soon. */
  #requested: DrawUrgency | undefined;

  constructor(options: {
    readonly workspace: Workspace;
    readonly output: ScreenOutput;
    readonly glyphs: Glyphs;
    readonly palette: Palette;
    readonly schedule: DrawScheduler;
    /** Milliseconds since 1970. */
    readonly now: () => number;
  }) {
    this.#workspace = options.workspace;
    this.#output = options.output;
    this.#schedule = options.schedule;
    this.#now = options.now;
    const { glyphs, palette } = options;
    this.#look = { glyphs, palette, messages: new MessageRows(glyphs), cells: new PictureCache() };
  }

  append(entry: Entry): void {
    this.#workspace.handleEntry(entry, this.#now());
    this.#request('relaxed');
  }

  update(area: AreaView): void {
    this.#area = area;
    this.redraw();
  }

  resize(): void {
    this.#drawn = undefined;
    this.redraw();
  }

  redraw(): void {
    this.#request('prompt');
  }

  /** A key is to be seen at once; what others do may wait a moment, so that a lot of it is one picture. */
  #request(urgency: DrawUrgency): void {
    const isWaiting = this.#requested === 'prompt' || this.#requested === urgency;
    if (isWaiting || this.#isSuspended) return;
    this.#requested = urgency;
    this.#schedule(() => {
      // Of two requests, the one that comes first draws for both.
      if (this.#requested === undefined) return;
      this.#requested = undefined;
      if (!this.#isSuspended) this.#draw();
    }, urgency);
  }

  suspend(): void {
    this.#isSuspended = true;
    this.#drawn = undefined;
  }

  resume(): void {
    this.#isSuspended = false;
    this.#drawn = undefined;
    this.redraw();
  }

  #draw(): void {
    if (this.#area === undefined) return;
    const { columns, rows } = this.#output;
    const size = { columns, rows, now: this.#now() };
    const screen = composeScreen(this.#workspace, this.#area, size, this.#look);
    this.#workspace.handleViewport(screen.viewport);
    this.#workspace.handleShownPanes(screen.shown);
    const changes = diffGrid(this.#drawn, screen.grid);
    const cursor = moveTo(screen.cursor.row, screen.cursor.column);
    this.#drawn = screen.grid;
    const notice = this.#workspace.notifier.poll();
    if (changes === '' && cursor === this.#drawnCursor && notice === '') return;
    this.#drawnCursor = cursor;
    this.#output.write(`${notice}${SYNC_BEGIN}${CURSOR_HIDE}${changes}${cursor}${CURSOR_SHOW}${SYNC_END}`);
  }
}
