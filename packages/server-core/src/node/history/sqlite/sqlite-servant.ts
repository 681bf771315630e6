import { invariant } from '../../../domain/errors.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { packResults } from './packed-batch.ts';
import { toOpenError, toStoreError } from './sqlite-errors.ts';
import type { SqliteAnswer, SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { SqliteWriter } from './sqlite-writer.ts';

/** What a thread does: opens the file and answers requests, one after the other. */
export class SqliteServant {
  readonly #data: SqliteWorkerData;
  #opened: OpenDatabase | undefined;
  #reader: SqliteReader | undefined;
  #writer: SqliteWriter | undefined;

  constructor(data: SqliteWorkerData) {
    this.#data = data;
  }

  answer(request: SqliteRequest): SqliteAnswer {
    const { requestId } = request;
    try {
      return { requestId, ok: true, result: this.#carryOut(request) };
    } catch (error) {
      const isOpening = request.type === 'open';
      const { code, message } = isOpening ? toOpenError(error, this.#data.file) : toStoreError(error);
      return { requestId, ok: false, code, message };
    }
  }

  /**
   * Does a part of what nobody waits for; says whether there is more. What fails is tried again when it has to be done, by
   * a write, whose author is told.
   */
  tidyUp(): boolean {
    try {
      return this.#writer?.tidyUp() ?? false;
    } catch {
      return false;
    }
  }

  #carryOut(request: SqliteRequest): unknown {
    switch (request.type) {
      case 'open':
        return this.#open();
      case 'write':
        invariant(this.#writer !== undefined, 'writes go to the thread that writes');
        return packResults(this.#writer.write(request.argument));
      case 'rooms':
        return this.#read.rooms();
      case 'read':
        return this.#read.read(request.argument);
      case 'search':
        return this.#read.search(request.argument);
      case 'read-markers':
        return this.#read.readMarkers(request.argument.userId, request.argument.roomKeys);
      case 'close':
        return this.#close();
      default:
        return request satisfies never;
    }
  }

  get #read(): SqliteReader {
    invariant(this.#reader !== undefined, 'questions go to the thread that reads');
    return this.#reader;
  }

  #close(): void {
    this.#writer = undefined;
    this.#opened?.close();
  }

  #open(): void {
    this.#opened = openDatabase(this.#data);
    if (this.#data.role === 'write')
      this.#writer = new SqliteWriter(this.#opened.database, this.#data.indexing);
    else this.#reader = new SqliteReader(this.#opened.database);
  }
}
