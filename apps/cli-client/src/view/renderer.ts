import type { AreaView } from './area.ts';
import type { Entry } from './entry.ts';

/**
 * Shows a view. The rest of the program knows this interface only, so another way to show it (a full screen
 * with panes) is another implementation.
 */
export interface Renderer {
  /** Something happened: shown in order, once, and never changed again. */
  append(entry: Entry): void;
  /** The bottom of the screen looks like this from now on. */
  update(area: AreaView): void;
  /** The terminal has another size. */
  resize(): void;
  /** Draws everything again, after something else wrote to the terminal. */
  redraw(): void;
  /** Draws what waits, and gives the terminal back as a line of its own; `resume` takes it again. */
  suspend(): void;
  resume(): void;
}
