import { safeText } from '../text/safe-text.ts';
import { cutToWidth } from '../text/width.ts';
import type { Entry } from '../view/entry.ts';

/** What the user wants to be told of while they look elsewhere. */
export const NOTIFY_RULES = ['mentions', 'all', 'none'] as const;
export type NotifyRule = (typeof NOTIFY_RULES)[number];

/** What a terminal can do besides ringing: a message on the desktop by OSC 9 (iTerm2), by OSC 777 (rxvt, VTE), or nothing. */
export type DesktopNotice = 'osc-9' | 'osc-777' | 'none';

/** Between two notices; a flood rings once. */
const INTERVAL_MS = 2_000;
/** More does not fit on the small windows that show it. */
const TEXT_COLUMNS_MAX = 120;

const BELL = '\u0007';
const ST = '\u001b\\';

/** Decides what is worth a bell, and makes what rings it. */
export class Notifier {
  rule: NotifyRule;
  readonly #desktop: DesktopNotice;
  /** The terminal says so when it can; until then somebody sits before it. */
  #isFocused = true;
  #rangAt = Number.NEGATIVE_INFINITY;
  #waiting = '';

  constructor(options: { readonly rule: NotifyRule; readonly desktop: DesktopNotice }) {
    this.rule = options.rule;
    this.#desktop = options.desktop;
  }

  handleFocus(isFocused: boolean): void {
    this.#isFocused = isFocused;
  }

  /** Something came in; `isSeen` when it is on the screen. `now` in milliseconds. */
  handleEntry({ content, room }: Entry, isSeen: boolean, now: number): void {
    if (this.rule === 'none' || (isSeen && this.#isFocused)) return;
    if ((content.type !== 'message' && content.type !== 'direct') || content.isOwn) return;
    const isForUser = content.type === 'direct' || content.isMention;
    if ((!isForUser && this.rule !== 'all') || now < this.#rangAt + INTERVAL_MS) return;
    this.#rangAt = now;
    const place = content.type === 'direct' || room === undefined ? '' : ` in ${room}`;
    this.#waiting = BELL + this.#desktopNotice(`${content.from}${place}`, content.text);
  }

  /** What to write to the terminal, if anything; once. */
  poll(): string {
    const waiting = this.#waiting;
    this.#waiting = '';
    return waiting;
  }

  #desktopNotice(title: string, text: string): string {
    switch (this.#desktop) {
      case 'osc-9':
        return `\u001b]9;${field(`${title}: ${text}`)}${ST}`;
      case 'osc-777':
        return `\u001b]777;notify;${field(title)};${field(text)}${ST}`;
      case 'none':
        return '';
    }
  }
}

/** Harmless, short, and without the sign that divides fields. */
function field(text: string): string {
  return cutToWidth(safeText(text), TEXT_COLUMNS_MAX).replaceAll(';', ',');
}
