import type { FolderEntry, WantedPlaces } from '@parley/protocol';
import { type ExpectedFiles, filesOfRanges } from './folder-stream.ts';

/** What is missing of a folder: groups of neighbouring places. A file of which there is a beginning (`fromOf`) opens a group. */
// CHAT-FOLDER-9
export function wantedPlaces(
  entries: readonly FolderEntry[],
  isMissing: (index: number) => boolean,
  fromOf: (index: number) => number,
): WantedPlaces[] {
  const groups: { start: number; end: number; from: number }[] = [];
  let isOpen = false;
  for (const [index, { kind }] of entries.entries()) {
    if (kind === 'folder') continue;
    const last = groups.at(-1);
    const from = fromOf(index);
    if (!isMissing(index)) isOpen = false;
    else if (isOpen && from === 0 && last !== undefined) last.end = index + 1;
    else {
      groups.push({ start: index, end: index + 1, from });
      isOpen = true;
    }
  }
  return groups;
}

/** The files at wanted places, in the order in which they are sent. */
// CHAT-FOLDER-10
export function filesAtPlaces(
  entries: readonly FolderEntry[],
  wanted: readonly WantedPlaces[],
): Required<ExpectedFiles> {
  const indexes = filesOfRanges(entries, wanted, ({ kind }) => kind === 'file');
  const begun = wanted.filter(({ from }) => from > 0);
  return { entries, indexes, froms: new Map(begun.map(({ start, from }) => [start, from])) };
}
