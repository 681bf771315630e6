import type { FileView } from '@parley/client-core';
import { quoted } from '../commands/tokens.ts';
import type { EntryContent } from '../view/entry.ts';
import { formatBytes, formatDate, shortHash } from '../view/format.ts';
import { type Line, span } from '../view/line.ts';
import { transferStateWords } from '../view/transfer-line.ts';

/** One thing that can be chosen, and the commands that do something with it. */
interface Choice {
  readonly line: Line;
  /** What Enter does, as if it had been typed. */
  readonly command: string;
  /** What Delete does. */
  readonly deleteCommand?: string;
}

/** A list over the messages, to choose from. */
export interface Listing {
  readonly heading: string;
  readonly choices: readonly Choice[];
  readonly chosen: number;
  /** Which of the server's files it shows, when it shows files. */
  readonly view?: FileView | undefined;
}

/** What of the things that can be shown is a list to choose from; undefined for all others. */
export function listingOf(content: EntryContent): Listing | undefined {
  switch (content.type) {
    case 'past':
      return listing(
        content.heading,
        content.entries.map(({ time, place, room, sequence, from, text }) => ({
          line: [
            span(`${formatDate(time)} ${place} `, 'dim'),
            span('<'),
            span(from, 'nickname'),
            span(`> ${text}`),
          ],
          command: `/goto ${sequence} ${quoted(room)}`,
        })),
      );
    case 'files':
      return listing(
        `${content.files.length} files: Enter downloads`,
        content.files.map(({ name, size, modifiedAt, sha256 }) => ({
          line: [
            span(formatBytes(size).padStart(9)),
            span(`  ${formatDate(modifiedAt)}  ${shortHash(sha256)}  `, 'dim'),
            span(name, 'strong'),
          ],
          command: `/get ${quoted(name)}`,
        })),
        content.view,
      );
    case 'rooms':
      return listing(
        `${content.rooms.length} rooms: Enter goes in`,
        content.rooms.map(({ room, members, topic, isOwn }) => ({
          line: [span(room, isOwn ? 'strong' : undefined), span(`  ${members} here  ${topic}`, 'dim')],
          command: `/join ${quoted(room)}`,
        })),
      );
    case 'transfers':
      return listing(
        `${content.transfers.length} transfers: Enter pauses and resumes, Delete cancels`,
        content.transfers.map((transfer) => ({
          line: [
            span(String(transfer.number).padStart(4), 'strong'),
            span(`  ${transferStateWords(transfer).padEnd(17)}`),
            span(
              transfer.size === undefined
                ? ''.padEnd(22)
                : `${formatBytes(transfer.receivedBytes)} of ${formatBytes(transfer.size)}`.padEnd(22),
              'dim',
            ),
            span(transfer.name),
          ],
          command: `/${transfer.state === 'paused' ? 'resume' : 'pause'} ${transfer.number}`,
          deleteCommand: `/cancel ${transfer.number}`,
        })),
      );
    default:
      return undefined;
  }
}

/** The list with another choice, so many places down (or up); it ends at its ends. */
export function chooseBy(from: Listing, places: number): Listing {
  const chosen = Math.min(from.choices.length - 1, Math.max(0, from.chosen + places));
  return { ...from, chosen };
}

/** The list as it is now, with what was chosen before still chosen, wherever it stands. */
export function refreshed(before: Listing, now: Listing): Listing {
  const command = before.choices[before.chosen]?.command;
  const index = now.choices.findIndex((choice) => choice.command === command);
  return chooseBy({ ...now, chosen: 0 }, index < 0 ? before.chosen : index);
}

function listing(heading: string, choices: readonly Choice[], view?: FileView): Listing | undefined {
  return choices.length === 0 ? undefined : { heading, choices, chosen: 0, view };
}
