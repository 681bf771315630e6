import type { KeyEvent } from '../input/key-decoder.ts';

/** What a key does on the full screen, apart from the line being typed. */
export type ScreenAction =
  | 'scroll-up'
  | 'scroll-down'
  | 'scroll-end'
  | 'previous-room'
  | 'next-room'
  | 'next-unread'
  | 'next-mention'
  | 'toggle-rooms'
  | 'toggle-users'
  | 'toggle-transfers'
  | 'toggle-copy-mode'
  | { readonly roomNumber: number };

/** The keys by the names that `keyName` gives them. */
const ACTIONS: Readonly<Record<string, ScreenAction>> = {
  'page-up': 'scroll-up',
  'page-down': 'scroll-down',
  'alt-page-down': 'scroll-end',
  'ctrl-end': 'scroll-end',
  'alt-up': 'previous-room',
  'alt-down': 'next-room',
  'alt-a': 'next-unread',
  'alt-m': 'next-mention',
  'alt-r': 'toggle-rooms',
  'alt-u': 'toggle-users',
  'alt-t': 'toggle-transfers',
  'alt-c': 'toggle-copy-mode',
};

/** The keys of the full screen, for `/help`. */
export const SCREEN_HELP: readonly (readonly [string, string])[] = [
  ['Alt-1 … Alt-9', 'go to that room of the list'],
  ['Alt-Up, Alt-Down', 'go to the room before, or after'],
  ['Alt-A', 'go to where the new messages begin, then to the next room with something new'],
  ['Alt-M', 'go to the next room where you are meant'],
  ['PageUp, PageDown', 'look back, as far as the server keeps the log, and forward'],
  ['Ctrl-End', 'go to the newest message'],
  ['Alt-R, Alt-U, Alt-T', 'fold the rooms, the users, the downloads away, or show them'],
  ['Alt-C', 'copy mode: the messages alone, to be marked with the mouse'],
];

/** What a key does on the full screen; undefined for the keys of the editor. */
export function screenAction(event: KeyEvent): ScreenAction | undefined {
  if (event.type !== 'key') return undefined;
  const name = keyName(event);
  if (/^alt-[1-9]$/.test(name)) return { roomNumber: Number(name.slice(-1)) };
  return ACTIONS[name];
}

function keyName({ ctrl, alt, name }: Extract<KeyEvent, { type: 'key' }>): string {
  return `${ctrl ? 'ctrl-' : ''}${alt ? 'alt-' : ''}${name}`;
}
