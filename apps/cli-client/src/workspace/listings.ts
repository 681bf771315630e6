import { isTransferOver, type Transfer } from '@parley/client-core';
import { quoted } from '../commands/tokens.ts';
import { safeText } from '../text/safe-text.ts';
import { cutInside, padToWidth, textWidth } from '../text/width.ts';
import type { EntryContent } from '../view/entry.ts';
import { counted, formatBytes, formatDate, formatRate, shortHash } from '../view/format.ts';
import { highlighted, wordsPattern } from '../view/highlight.ts';
import { type Span, span } from '../view/line.ts';
import { bySlot, transferStateWords } from '../view/transfer-line.ts';
import { transferName } from '../view/transfer-name.ts';
import { type Choice, createListing, type Listing } from './listing.ts';

type ContentOf<Type extends EntryContent['type']> = Extract<EntryContent, { type: Type }>;

/** A command with more arguments pushes its words to the right. */
const USAGE_COLUMNS_MAX = 27;
/** `asking the server`; of a fixed width, since the list is live. */
const STATE_COLUMNS = 17;
/** Longer names of transfers lose their middle. */
const NAME_COLUMNS_MAX = 28;

/** What of the things that can be shown is a list to choose from; undefined for all others. */
export function listingOf(content: EntryContent): Listing | undefined {
  switch (content.type) {
    case 'past':
      return past(content);
    case 'files':
      return files(content);
    case 'rooms':
      return rooms(content);
    case 'users':
      return users(content);
    case 'transfers':
      return transfersListing(content.transfers);
    case 'manual':
      return manual(content);
    default:
      return undefined;
  }
}

/** The transfers of a session: what moves comes first, what is over last. */
function transfersListing(transfers: readonly Transfer[]): Listing | undefined {
  const open = transfers.filter(({ state }) => !isTransferOver(state));
  const rate = open.reduce(
    (sum, { state, bytesPerSecond }) => sum + (state === 'running' ? bytesPerSecond : 0),
    0,
  );
  const moving = open.length === 0 ? 'all over' : `${open.length} open, ${formatRate(rate)}`;
  return createListing({
    kind: 'transfers',
    heading: `${counted(transfers.length, 'transfer')}, ${moving}`,
    keys: 'Enter pauses, Delete cancels',
    isLasting: true,
    choices: transferChoices([...transfers].sort(bySlot)),
  });
}

function past({ heading, words = [], entries }: ContentOf<'past'>): Listing | undefined {
  const pattern = wordsPattern(words);
  const placeColumns = widest(entries.map(({ place }) => place));
  const nameColumns = widest(entries.map(({ from }) => from));
  return createListing({
    kind: 'past',
    heading,
    keys: 'Enter goes there',
    choices: entries.map(({ time, place, room, sequence, from, text }) => ({
      line: [
        span(`${formatDate(time)}  `, 'dim'),
        span(`${padToWidth(place, placeColumns)}  `, 'dim'),
        span(from, 'nickname'),
        span(' '.repeat(nameColumns - textWidth(from) + 2)),
        ...(pattern ? highlighted([span(text)], pattern, 'mention') : [span(text)]),
      ],
      enter: { type: 'enter', line: `/goto ${sequence} ${quoted(room)}` },
    })),
  });
}

function files({ files: list, view }: ContentOf<'files'>): Listing | undefined {
  const bytes = list.reduce((sum, { size }) => sum + size, 0);
  const fitting = view?.pattern ? ` like ${view.pattern}` : '';
  return createListing({
    kind: 'files',
    heading: `${counted(list.length, 'file')}${fitting}, ${formatBytes(bytes)}`,
    keys: 'Enter downloads',
    view,
    choices: list.map(({ name, size, modifiedAt, sha256 }) => ({
      line: [
        span(formatBytes(size).padStart(9)),
        span(`  ${formatDate(modifiedAt)}  ${shortHash(sha256)}  `, 'dim'),
        span(name, 'strong'),
      ],
      enter: { type: 'enter', line: `/get ${quoted(name)}` },
    })),
  });
}

function rooms({ rooms: list }: ContentOf<'rooms'>): Listing | undefined {
  const columns = widest(list.map(({ room }) => room));
  return createListing({
    kind: 'rooms',
    heading: counted(list.length, 'room'),
    keys: 'Enter goes in',
    choices: list.map(({ room, members, topic, isOwn }) => ({
      line: [
        span(padToWidth(room, columns), isOwn ? 'strong' : undefined),
        span(`  ${String(members).padStart(5)} here  `, 'dim'),
        span(topic),
      ],
      enter: { type: 'enter', line: `/join ${quoted(room)}` },
    })),
  });
}

function users({ users: list }: ContentOf<'users'>): Listing | undefined {
  const byName = [...list].sort((left, right) => left.nickname.localeCompare(right.nickname, 'en'));
  const columns = widest(byName.map(({ nickname }) => nickname));
  return createListing({
    kind: 'users',
    heading: `${list.length} here`,
    keys: 'Enter writes to one alone',
    choices: byName.map(({ nickname, joinedAt, role }) => ({
      line: [
        span(nickname, 'nickname'),
        span(`${' '.repeat(columns - textWidth(nickname))}  since ${formatDate(joinedAt)}`, 'dim'),
        span(role === undefined ? '' : `  ${role}`, 'strong'),
      ],
      enter: { type: 'draft', text: `/msg ${quoted(nickname)} ` },
    })),
  });
}

/** What tells one from another stands on the left: in a narrow terminal the figures are cut off, not the names. */
function transferChoices(transfers: readonly Transfer[]): Choice[] {
  const names = transfers.map((transfer) => cutInside(safeText(transferName(transfer)), NAME_COLUMNS_MAX));
  const columns = widest(names);
  const isMixed = transfers.some(({ direction }) => direction !== transfers[0]?.direction);
  return transfers.map((transfer, index) => {
    const { number, state, size, receivedBytes, failure, direction } = transfer;
    const percent = size === undefined || size === 0 ? '' : `${Math.floor((receivedBytes / size) * 100)}%`;
    return {
      line: [
        span(String(number).padStart(4), 'strong'),
        span(`  ${transferStateWords(transfer).padEnd(STATE_COLUMNS)}`, transferStyle(transfer)),
        span(percent.padStart(5)),
        span(isMixed ? `  ${direction === 'upload' ? 'up  ' : 'down'}` : '', 'dim'),
        span(`  ${padToWidth(names[index] ?? '', columns)}`, 'strong'),
        ...(failure === undefined ? figures(transfer) : [span(`  ${failure.message}`, 'bad')]),
      ],
      enter: { type: 'enter', line: `/${state === 'paused' ? 'resume' : 'pause'} ${number}` },
      deleteCommand: `/cancel ${number}`,
    };
  });
}

function transferStyle({ state }: Transfer): Span['style'] {
  if (state === 'failed' || state === 'interrupted') return 'bad';
  if (state === 'completed') return 'good';
  return state === 'paused' ? 'bar-paused' : undefined;
}

function figures({ state, size, receivedBytes, bytesPerSecond }: Transfer): Span[] {
  const whole = size === undefined ? '' : formatBytes(size);
  const total = whole === '' || state === 'completed' ? whole : `${formatBytes(receivedBytes)} of ${whole}`;
  const rate = state === 'running' ? formatRate(bytesPerSecond) : '';
  return [span(`  ${total.padStart(20)}`, 'dim'), ...(rate === '' ? [] : [span(rate.padStart(12))])];
}

function manual({ sections }: ContentOf<'manual'>): Listing | undefined {
  const rows = sections.flatMap((section) => section.rows);
  const columns = Math.min(USAGE_COLUMNS_MAX, widest(rows.map(({ usage }) => usage)));
  return createListing({
    kind: 'manual',
    heading: 'commands and keys',
    keys: 'Enter begins the command',
    choices: sections.flatMap((section, index): Choice[] => [
      ...(index === 0 ? [] : [{ line: [] }]),
      { line: [span(section.heading, 'heading')] },
      ...section.rows.map(({ usage, summary, draft }): Choice => {
        const line = [span(`  ${usage.padEnd(columns)}`, 'strong'), span(`  ${summary}`)];
        return { line, enter: { type: 'draft', text: draft ?? '' } };
      }),
    ]),
  });
}

function widest(texts: readonly string[]): number {
  return texts.reduce((columns, text) => Math.max(columns, textWidth(text)), 0);
}
