import type { ClientMessageId, EntryKind, MessageText, Nickname } from '@parley/protocol';
import type { Database } from 'better-sqlite3';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readEntry, writeEntry } from './entry-bytes.ts';
import { PackDesk } from './pack-desk.ts';

/** An entry as histories up to format 2 have it; of one that is forgotten only what came of its message. */
interface EntryRow {
  readonly id: number;
  readonly room: number;
  readonly sequence: number;
  readonly time: number;
  readonly user: number;
  readonly nickname: Nickname;
  readonly kind: EntryKind;
  readonly target: number;
  readonly edited_at: number | null;
  readonly text: MessageText | null;
  readonly client_message_id: ClientMessageId;
  readonly is_gone: number;
}

/** So many rows are looked at together. */
const AT_A_TIME = 1_000;

/**
 * Puts the entries of a history that has a row for each into packs, with their words and ids. The ids of all messages are
 * remembered then, until a day's worth is forgotten again.
 */
export function packEntries(database: Database): void {
  const packs = new PackDesk(database, { entriesAtATime: AT_A_TIME, unindexedMax: AT_A_TIME });
  for (const source of [FORGOTTEN, KEPT]) {
    const next = database.prepare<[number, number], EntryRow>(source);
    for (
      let rows = next.all(0, AT_A_TIME);
      rows.length > 0;
      rows = next.all(rows.at(-1)?.id ?? 0, AT_A_TIME)
    ) {
      addRows(packs, rows);
      packs.index.advance();
      packs.commit();
    }
  }
}

function addRows(packs: PackDesk, rows: readonly EntryRow[]): void {
  const writer = new ByteWriter();
  for (const row of rows) {
    const { nickname, kind, target, text, client_message_id: clientMessageId, time } = row;
    writeEntry(writer, { from: nickname, kind, target, text: text ?? undefined, clientMessageId, time });
  }
  const bytes = new ByteReader(writer.take());
  for (const { room, user, sequence, edited_at: editedAt, is_gone: isGone } of rows) {
    const entry = { ...readEntry(bytes), room, user, sequence };
    const hash = packs.index.sent.hashOf({ bytes }, entry);
    packs.add(bytes, { ...entry, editedAt: editedAt ?? undefined, isGone: isGone === 1 }, hash);
  }
  packs.flush();
}

const FORGOTTEN = `
  SELECT id, room, sequence, time, user, '' AS nickname, 'unknown' AS kind, 0 AS target, NULL AS edited_at, NULL AS text,
    client_message_id, 1 AS is_gone
  FROM sent
  WHERE id > ? AND NOT EXISTS (
    SELECT 1 FROM entries WHERE entries.room = sent.room AND entries.sequence = sent.sequence
  )
  ORDER BY id LIMIT ?`;

const KEPT = `
  SELECT id, room, sequence, time, user, nickname, kind, target, edited_at, text, client_message_id, 0 AS is_gone
  FROM entries WHERE id > ? ORDER BY id LIMIT ?`;
