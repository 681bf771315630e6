// Random operations on both stores: what one answers, the other answers too. A failure prints the path to run it again.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Nickname, nicknameKey } from '@parley/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RESEND_MS_MIN } from '../../src/domain/limits.ts';
import type {
  HistoryQuery,
  SearchQuery,
  StoreOperation,
  StoreResult,
} from '../../src/history/history-store.ts';
import { MemoryLog } from '../../src/history/memory-log.ts';
import { packOperations, unpackResults } from '../../src/node/history/sqlite/packed-batch.ts';
import type { SqliteCalls, SqliteRequest } from '../../src/node/history/sqlite/sqlite-messages.ts';
import { SqliteServant } from '../../src/node/history/sqlite/sqlite-servant.ts';
import { append, BEGIN, createRoom, userIdOf } from './drafts.ts';
import { makeFolder } from './temporary-folder.ts';

const ROOM_KEYS = ['lobby', 'kitchen', 'attic'];
const USER_NAMES = ['ann', 'bob', 'Ann'];
const WORDS = ['tea', 'Tée', 'or', 'file:a.txt', 'ß', '日本', '!', 'two words'];

const room = fc.constantFrom(...ROOM_KEYS);
const user = fc.constantFrom(...USER_NAMES);
const text = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 })
  .map((some) => some.join(' '));
const sequence = fc.nat({ max: 12 });

/** What happens, and by how much later than the thing before; earlier, where the clock was set. Few ids, so that messages are sent again. */
const happening = fc.record({
  laterMs: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: -900, max: 1_000 }) },
    fc.constant(RESEND_MS_MIN / 2),
  ),
  what: fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ type: fc.constant('text' as const), room, user, text, id: fc.nat(20) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('edit' as const),
        room,
        user,
        text,
        target: sequence,
        id: fc.nat(20),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('delete' as const),
        room,
        user,
        target: sequence,
        id: fc.nat(20),
      }),
    },
    fc.record({ type: fc.constant('topic' as const), room, user, text: fc.option(text, { nil: undefined }) }),
    fc.record({
      type: fc.constant('create-room' as const),
      room,
      names: fc.uniqueArray(user, { maxLength: 2 }),
    }),
    fc.record({ type: fc.constant('name-user' as const), user, name: user }),
    fc.record({ type: fc.constant('mark-read' as const), room, user, sequence }),
    fc.record({
      type: fc.constant('forget' as const),
      ageMsMax: fc.option(fc.nat({ max: 5_000 }), { nil: undefined }),
      entriesPerRoomMax: fc.option(fc.nat({ max: 10 }), { nil: undefined }),
    }),
  ),
});

const question = fc.oneof(
  fc.record({
    type: fc.constant('read' as const),
    query: fc.record<HistoryQuery>({
      roomKey: room,
      direction: fc.constantFrom('after', 'before'),
      sequence,
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  }),
  fc.record({
    type: fc.constant('search' as const),
    query: fc.record<SearchQuery>({
      words: fc.array(fc.constantFrom(...WORDS), { maxLength: 2 }),
      from: fc.option(
        user.map((name) => nicknameKey(name as Nickname)),
        { nil: undefined },
      ),
      roomKeys: fc.uniqueArray(room, { minLength: 1 }),
      after: fc.option(
        fc.nat(20_000).map((ms) => BEGIN + ms),
        { nil: undefined },
      ),
      before: fc.option(
        fc.nat(20_000).map((ms) => BEGIN + ms),
        { nil: undefined },
      ),
      hasFile: fc.boolean(),
      offset: fc.nat({ max: 3 }),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  }),
);

const step = fc.record({
  batch: fc.array(happening, { minLength: 1, maxLength: 8 }),
  questions: fc.array(question, { maxLength: 3 }),
  tidies: fc.boolean(),
  reopens: fc.constantFrom('in-order', 'killed', ...Array.from({ length: 8 }, () => 'no')),
});

type What = Parameters<Parameters<typeof happening.map>[0]>[0]['what'];

function operationFor(what: What, time: number): StoreOperation {
  switch (what.type) {
    case 'create-room':
      return createRoom(what.room, {
        createdAt: time,
        users: what.names.map((name) => ({ userId: userIdOf(name), nickname: name as Nickname })),
      });
    case 'name-user':
      return { type: 'name-user', userId: userIdOf(what.user), nickname: what.name as Nickname };
    case 'mark-read':
      return { type: 'mark-read', roomKey: what.room, userId: userIdOf(what.user), sequence: what.sequence };
    case 'forget': {
      const { ageMsMax, entriesPerRoomMax } = what;
      return { type: 'forget', retention: { ageMsMax, entriesPerRoomMax }, now: time };
    }
    case 'topic':
      return append({ ...what, kind: 'topic', time });
    default:
      return append({ ...what, kind: what.type, id: `id ${what.id}`, time });
  }
}

/** A history in a file, in this thread. */
class FileLog {
  #file: string;
  #writer: SqliteServant | undefined;
  #reader: SqliteServant | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  open(): void {
    const indexing = { entriesAtATime: 2, unindexedMax: 5 };
    const data = {
      file: this.#file,
      durability: 'normal',
      busyTimeoutMs: 0,
      pagesMax: undefined,
      indexing,
    } as const;
    this.#writer = new SqliteServant({ ...data, role: 'write' });
    this.ask('open', undefined, this.#writer);
    this.#reader = new SqliteServant({ ...data, role: 'read' });
    this.ask('open', undefined, this.#reader);
  }

  ask<Type extends keyof SqliteCalls>(
    type: Type,
    argument: SqliteCalls[Type]['argument'],
    servant = type === 'write' ? this.#writer : this.#reader,
  ): SqliteCalls[Type]['result'] {
    const answer = servant?.answer({ requestId: 1, type, argument } as SqliteRequest);
    if (answer?.ok !== true) throw new Error(answer?.message);
    return answer.result as SqliteCalls[Type]['result'];
  }

  write(operations: readonly StoreOperation[]): readonly StoreResult[] {
    return unpackResults(this.ask('write', packOperations(operations)), operations);
  }

  /** Goes on with what a process that is killed now leaves behind. */
  kill(): void {
    const left = `${this.#file}-left`;
    for (const part of ['', '-wal', '-lock']) copyFileSync(this.#file + part, left + part);
    this.close();
    this.#file = left;
    this.open();
  }

  tidyUp(): void {
    this.#writer?.tidyUp();
  }

  close(): void {
    this.ask('close', undefined, this.#reader);
    this.ask('close', undefined, this.#writer);
  }
}

test('a history in a file answers what one in memory answers, also when it was closed or killed between', async () => {
  const folder = await makeFolder();
  let runs = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      runs += 1;
      const memory = new MemoryLog();
      const file = new FileLog(join(folder, `${runs}.sqlite3`));
      file.open();
      const begin = ['lobby', 'kitchen'].map((key) => createRoom(key));
      expect(file.write(begin)).toEqual(memory.write(begin));
      let time = BEGIN;
      for (const { batch, questions, tidies, reopens } of steps) {
        const operations = batch.map(({ laterMs, what }) => {
          time += laterMs;
          return operationFor(what, time);
        });
        expect(file.write(operations)).toEqual(memory.write(operations));
        if (tidies) file.tidyUp();
        if (reopens === 'killed') file.kill();
        if (reopens === 'in-order') {
          file.close();
          file.open();
        }
        expect(file.ask('rooms', undefined)).toEqual(memory.rooms());
        for (const { type, query } of questions) {
          if (type === 'read') expect(file.ask('read', query)).toEqual(memory.read(query));
          else expect(file.ask('search', query)).toEqual(memory.search(query));
        }
        for (const name of USER_NAMES) {
          const userId = userIdOf(name);
          expect(file.ask('read-markers', { userId, roomKeys: ROOM_KEYS })).toEqual(
            memory.readMarkers(userId, ROOM_KEYS),
          );
        }
      }
      file.close();
    }),
    { numRuns: 40, seed: 1 },
  );
});
