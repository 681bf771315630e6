import type { ScreenOptions } from '../command-line.ts';
import { FullScreenRenderer } from '../screen/full-screen-renderer.ts';
import { type ColorDepth, Palette, type ThemeName } from '../screen/palette.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../view/glyphs.ts';
import { type DrawScheduler, type Reflow, ScreenRenderer } from '../view/screen-renderer.ts';
import { Theme } from '../view/theme.ts';
import { type DesktopNotice, Notifier } from '../workspace/notifier.ts';
import { Workspace } from '../workspace/workspace.ts';
import { PlainInterface } from './plain-interface.ts';
import { Terminal } from './terminal.ts';
import { TerminalInterface } from './terminal-interface.ts';
import type { UserInterface } from './user-interface.ts';

/** The eye sees no more pictures than about thirty a second; drawing more would only cost. */
const INLINE_DRAW_INTERVAL_MS = 33;
/** A picture of a full screen is only what has changed: sixty a second cost little and make typing and scrolling smooth. */
const SCREEN_DRAW_INTERVAL_MS = 16;
/** What others say is read, and not watched like the own hands: so that a flood costs no more than a little. */
const SCREEN_RELAXED_INTERVAL_MS = 50;

/** The interface that fits what the program is connected to: a full screen, an inline one, or plain lines. */
export function createInterface(options: ScreenOptions, onInterrupt: () => void): UserInterface {
  const { stdin, stdout, env } = process;
  const glyphs = showsUnicode(env) ? UNICODE_GLYPHS : ASCII_GLYPHS;
  if (!stdin.isTTY || !stdout.isTTY || env.TERM === 'dumb') {
    return new PlainInterface({ input: stdin, output: stdout, hasPerson: stdin.isTTY === true, glyphs });
  }
  // Node reads NO_COLOR, FORCE_COLOR, COLORTERM and TERM.
  const bits = stdout.getColorDepth();
  const terminal = new Terminal(stdin, stdout, { isFullScreen: !options.isInline });
  if (options.isInline) {
    const theme = new Theme({ hasColors: bits >= 4 });
    const schedule = drawScheduler(INLINE_DRAW_INTERVAL_MS);
    const renderer = new ScreenRenderer({ output: terminal, theme, glyphs, reflow: reflowOf(env), schedule });
    return new TerminalInterface({ terminal, renderer, glyphs, onInterrupt });
  }
  const notifier = new Notifier({ rule: options.notify ?? 'mentions', desktop: desktopNotice(env) });
  const workspace = new Workspace(notifier);
  const palette = new Palette({ depth: colorDepth(bits), theme: options.theme ?? themeOf(env) });
  const schedule = drawScheduler(SCREEN_DRAW_INTERVAL_MS, SCREEN_RELAXED_INTERVAL_MS);
  const renderer = new FullScreenRenderer({
    workspace,
    output: terminal,
    glyphs,
    palette,
    schedule,
    now: Date.now,
  });
  return new TerminalInterface({ terminal, renderer, workspace, glyphs, onInterrupt });
}

/**
 * Draws at once after a pause, so that a key shows immediately, and otherwise no more often than the interval says. What is prompt waits for what was
 * prompt alone: a key does not stand behind the pictures of a flood.
 */
function drawScheduler(promptMs: number, relaxedMs = promptMs): DrawScheduler {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let promptAt = Number.NEGATIVE_INFINITY;
  return (draw, urgency = 'prompt') => {
    const work = () => {
      drawnAt = performance.now();
      if (urgency === 'prompt') promptAt = drawnAt;
      draw();
    };
    const dueAt = urgency === 'prompt' ? promptAt + promptMs : drawnAt + relaxedMs;
    const waitMs = dueAt - performance.now();
    if (waitMs <= 0) setImmediate(work);
    else setTimeout(work, waitMs);
  };
}

function colorDepth(bits: number): ColorDepth {
  if (bits >= 24) return 'true';
  if (bits >= 8) return '256';
  return bits >= 4 ? '16' : 'none';
}

/** What the terminal can show on the desktop; inside of tmux and screen, nothing that they would let through. */
function desktopNotice(env: NodeJS.ProcessEnv): DesktopNotice {
  if (env.TMUX || env.STY) return 'none';
  if (/^(?:iTerm\.app|WezTerm|ghostty)$/.test(env.TERM_PROGRAM ?? '') || env.KITTY_WINDOW_ID) return 'osc-9';
  return env.VTE_VERSION || /^(?:foot|rxvt-unicode)/.test(env.TERM ?? '') ? 'osc-777' : 'none';
}

/** What some terminals say about their background: the last number of COLORFGBG is its colour. */
function themeOf(env: NodeJS.ProcessEnv): ThemeName {
  const background = Number(/;(\d+)$/.exec(env.COLORFGBG ?? '')?.[1] ?? '0');
  return background === 7 || background === 15 ? 'light' : 'dark';
}

/** What the locale says; Windows and macOS terminals are Unicode whatever it says. */
function showsUnicode(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return env.TERM !== 'linux' && /utf-?8/i.test(locale);
}

function reflowOf(env: NodeJS.ProcessEnv): Reflow {
  if (env.TMUX || env.STY) return 'all';
  if (env.TERM === 'linux' || env.XTERM_VERSION) return 'none';
  return env.TERM_PROGRAM === 'vscode' ? 'all-but-cursor-row' : 'all';
}
