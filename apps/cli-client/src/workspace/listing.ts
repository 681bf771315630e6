import type { FileView } from '@parley/client-core';
import type { KeyEvent } from '../input/key-decoder.ts';
import type { EntryContent } from '../view/entry.ts';
import { highlighted, wordsPattern } from '../view/highlight.ts';
import { type Line, lineText } from '../view/line.ts';
import type { Wish } from './wish.ts';

/** One row of a list. One that does nothing is a heading, and is not chosen. */
export interface Choice {
  readonly line: Line;
  /** What Enter does: a command as if it had been typed, or a beginning of one that is left to be finished. */
  readonly enter?: Extract<Wish, { type: 'enter' | 'draft' }>;
  /** The command that Delete carries out. */
  readonly deleteCommand?: string;
}

/** A list over the messages, to choose from. What is typed leaves those of its rows that have all the words. */
export interface Listing {
  /** What kind of thing is listed: a newer list of the same kind may take its place. */
  readonly kind: EntryContent['type'];
  readonly heading: string;
  /** What Enter and Delete do here, such as `Enter downloads`. */
  readonly keys: string;
  /** Stays open after Enter: there is more to be done. */
  readonly isLasting: boolean;
  readonly choices: readonly Choice[];
  readonly filter: string;
  /** The choices that the filter leaves. */
  readonly shown: readonly Choice[];
  /** Which of them. */
  readonly chosen: number;
  /** Which of the server's files it shows, when it shows files. */
  readonly view?: FileView | undefined;
}

/** A list with its first choice chosen; undefined if there is nothing to choose. */
export function createListing(
  parts: Pick<Listing, 'kind' | 'heading' | 'keys' | 'choices' | 'view'> & { readonly isLasting?: boolean },
): Listing | undefined {
  if (parts.choices.length === 0) return undefined;
  const base = { isLasting: false, ...parts, filter: '', shown: parts.choices, chosen: 0 };
  return chooseNear(base, 0, 1);
}

/** The list with another choice, so many places down (or up); it ends at its ends. */
function chooseBy(from: Listing, places: number): Listing {
  return chooseNear(from, from.chosen + places, places < 0 ? -1 : 1);
}

/** The list with those choices only that have all words of the filter, whatever their case. */
function filterBy(from: Listing, filter: string): Listing {
  const words = wordsOf(filter);
  const pattern = wordsPattern(words);
  const shown = from.choices
    .filter(({ line, enter }) => {
      const text = lineText(line);
      return words.length === 0 || (enter !== undefined && words.every((word) => includes(text, word)));
    })
    .map((choice) =>
      pattern === undefined ? choice : { ...choice, line: highlighted(choice.line, pattern, 'mention') },
    );
  return chooseNear({ ...from, filter, shown }, 0, 1);
}

/** The same list as it is now, with what was typed and chosen in it. */
export function renewed(from: Listing, now: Listing): Listing {
  const chosen = commandOf(from.shown[from.chosen]);
  const next = filterBy(now, from.filter);
  // Who has not moved looks at what comes first.
  if (from.chosen === 0) return next;
  const index = next.shown.findIndex((choice) => commandOf(choice) === chosen);
  return chooseNear(next, chosen === undefined || index < 0 ? from.chosen : index, 1);
}

/** What a key makes of a list, and what it wishes for; undefined for keys that are not the list's. */
export function listingKey(
  event: KeyEvent,
  listing: Listing,
  pageRows: number,
): { readonly listing: Listing | undefined; readonly wish?: Wish } | undefined {
  if (event.type === 'text') return typedInto(listing, event.text);
  if (event.type === 'paste' || event.alt) return undefined;
  if (event.ctrl) return event.name === 'c' ? { listing: undefined } : undefined;
  const choice = listing.shown[listing.chosen];
  switch (event.name) {
    case 'up':
      return { listing: chooseBy(listing, -1) };
    case 'down':
      return { listing: chooseBy(listing, 1) };
    case 'page-up':
      return { listing: chooseBy(listing, -pageRows) };
    case 'page-down':
      return { listing: chooseBy(listing, pageRows) };
    case 'home':
      return { listing: chooseNear(listing, 0, 1) };
    case 'end':
      return { listing: chooseNear(listing, listing.shown.length - 1, -1) };
    case 'backspace':
      return listing.filter === '' ? undefined : { listing: filterBy(listing, withoutLast(listing.filter)) };
    case 'escape':
      return { listing: listing.filter === '' ? undefined : filterBy(listing, '') };
    case 'enter':
      if (choice?.enter === undefined) return { listing };
      return { listing: listing.isLasting ? listing : undefined, wish: choice.enter };
    case 'delete':
      if (choice?.deleteCommand === undefined) return undefined;
      return { listing, wish: { type: 'enter', line: choice.deleteCommand } };
    default:
      return undefined;
  }
}

/** A slash begins a command: that is the input's. */
function typedInto(listing: Listing, text: string): { readonly listing: Listing } | undefined {
  if (listing.filter === '' && text.startsWith('/')) return undefined;
  return { listing: filterBy(listing, listing.filter + text) };
}

/** The choice at a place, or the next one in that direction that is no heading, or the nearest in the other. */
function chooseNear(listing: Listing, place: number, direction: 1 | -1): Listing {
  const { shown } = listing;
  const start = Math.min(shown.length - 1, Math.max(0, place));
  for (const step of [direction, -direction]) {
    for (let index = start; index >= 0 && index < shown.length; index += step) {
      if (shown[index]?.enter !== undefined) return { ...listing, chosen: index };
    }
  }
  return { ...listing, chosen: Math.max(0, start) };
}

/** What tells one choice from the others; what Enter does may change while it stays the same. */
function commandOf(choice: Choice | undefined): string | undefined {
  if (choice?.deleteCommand !== undefined) return choice.deleteCommand;
  return choice?.enter?.type === 'enter' ? choice.enter.line : choice?.enter?.text;
}

function wordsOf(filter: string): string[] {
  return filter.split(/\s+/).filter((word) => word !== '');
}

function includes(text: string, word: string): boolean {
  return text.toLowerCase().includes(word.toLowerCase());
}

function withoutLast(text: string): string {
  return Array.from(text).slice(0, -1).join('');
}
