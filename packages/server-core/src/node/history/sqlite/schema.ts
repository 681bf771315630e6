import type { Database } from 'better-sqlite3';
import { StoreError } from '../../../history/history-store.ts';
import { packEntries } from './pack-entries.ts';
import { INDEXED } from './pack-index.ts';
import { SENT_KEY } from './sent-ids.ts';

/** Marks a file as a history of Parley ("Parl"), so that no other program's file is taken for one. */
const APPLICATION_ID = 0x5061_726c;

/**
 * What brings a file from one version to the next; its version is the number of steps that it has had. A step is never
 * changed once it was released.
 *
 * - `packs` has the entries of all rooms in the order of writing, those that were written together in one piece (entry-pack.ts).
 * - `places` tells which packs have entries of a room, each by the last of them.
 * - `users.nickname` is there for those who are in conversations: the name that they had last.
 * - `sent_ids` has the packs in which a message may be, by the hash of its id (sent-ids.ts).
 * - `old_texts` keeps what an `edit` or `delete` (the entry `change`) took from the entry `target`.
 * - `entry_words` has no texts, only for each word the ids of the packs that have it. Words come folded from `wordsOf`,
 *   so that SQLite's own idea of a letter does not matter; tokens with `_` are labels (search-labels.ts). Packs are there, and in
 *   `sent_ids`, up to the id that `about` has as `indexed`, the newest ones come later (pack-index.ts).
 */
const STEPS: readonly (string | ((database: Database) => void))[] = [
  `
  CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE users (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, nickname TEXT) STRICT;
  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE parties (
    room INTEGER NOT NULL REFERENCES rooms (id),
    position INTEGER NOT NULL,
    user INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (room, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    user INTEGER NOT NULL,
    nickname TEXT NOT NULL,
    kind TEXT NOT NULL,
    target INTEGER NOT NULL,
    edited_at INTEGER,
    text TEXT,
    client_message_id BLOB NOT NULL,
    UNIQUE (room, sequence)
  ) STRICT;
  CREATE TABLE sent (
    id INTEGER PRIMARY KEY,
    client_message_id BLOB NOT NULL,
    user INTEGER NOT NULL,
    room INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    UNIQUE (client_message_id, user, room)
  ) STRICT;
  CREATE TABLE old_texts (
    room INTEGER NOT NULL,
    target INTEGER NOT NULL,
    change INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (room, target, change)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE read_markers (
    user INTEGER NOT NULL,
    room INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (user, room)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE entry_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
  );
  `,
  // All entries had their words in the index at once.
  `INSERT INTO about SELECT '${INDEXED}', CAST(coalesce(max(id), 0) AS TEXT) FROM entries;`,
  // An entry was a row, and so was its id.
  (database) => {
    database.exec(`
      CREATE TABLE packs (
        id INTEGER PRIMARY KEY,
        entries INTEGER NOT NULL,
        plain INTEGER NOT NULL,
        earliest INTEGER NOT NULL,
        latest INTEGER NOT NULL,
        content BLOB NOT NULL
      ) STRICT;
      CREATE TABLE places (
        room INTEGER NOT NULL,
        last_sequence INTEGER NOT NULL,
        pack INTEGER NOT NULL,
        PRIMARY KEY (room, last_sequence)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE sent_ids (
        hash INTEGER NOT NULL,
        pack INTEGER NOT NULL,
        PRIMARY KEY (hash, pack)
      ) STRICT, WITHOUT ROWID;
      DROP TABLE entry_words;
      CREATE VIRTUAL TABLE entry_words USING fts5 (
        words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
      );
      UPDATE about SET value = '0' WHERE name = '${INDEXED}';
      INSERT INTO about VALUES ('${SENT_KEY}', CAST(random() % 2147483648 AS TEXT));
    `);
    packEntries(database);
    database.exec('DROP TABLE entries; DROP TABLE sent;');
  },
];

/** Refuses a file that is not ours, or newer than we are. Changes nothing. */
export function checkSchema(database: Database): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  const applicationId = database.pragma('application_id', { simple: true });
  if (applicationId !== APPLICATION_ID) {
    const objects = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    if (objects === 0 && applicationId === 0 && version === 0) return;
    throw new StoreError('corrupt', 'it is the database of another program');
  }
  if (version > STEPS.length) {
    const versions = `it has format ${version}, this program knows formats up to ${STEPS.length}`;
    throw new StoreError('too-new', `a newer Parley wrote it (${versions})`);
  }
}

/** Brings a file that was checked to the version of this program, or to an earlier one, whole or not at all. */
export function bringUpToDate(database: Database, target = STEPS.length): void {
  database
    .transaction(() => {
      const version = database.pragma('user_version', { simple: true }) as number;
      for (const step of STEPS.slice(version, target)) {
        if (typeof step === 'string') database.exec(step);
        else step(database);
      }
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${Math.max(version, target)}`);
    })
    .immediate();
}
