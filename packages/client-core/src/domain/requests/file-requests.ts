import { FILES_PER_PAGE_MAX, type ServerMessageOf } from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import { ClientError } from '../errors.ts';
import type { ClientCommand, CommandResults } from '../events.ts';
import { FILES_LISTED_MAX } from '../limits.ts';
import type { Answer, Purpose } from './purpose.ts';

/** What the requests about files work with. */
export interface FileRequestsParts {
  readonly sink: EffectSink;
  /** Gives a request its number. */
  readonly add: (purpose: Purpose, now: number) => number;
}

/** The commands that this part carries out. */
export type FileCommand = Extract<ClientCommand, { readonly type: 'list-files' | 'watch-files' }>;

type FilesPurpose = Extract<Purpose, { readonly kind: 'files' }>;

/** Requests about the list of shared files, and what their answers mean. */
export class FileRequests {
  readonly #parts: FileRequestsParts;
  #isWatching = false;

  constructor(parts: FileRequestsParts) {
    this.#parts = parts;
  }

  carryOut(commandId: number, command: FileCommand, now: number): void {
    const { add } = this.#parts;
    if (command.type === 'watch-files') {
      this.#watch(add({ kind: 'done', commandId }, now), command.isWatching);
      return;
    }
    const { pattern = '', order = 'name', countMax = FILES_LISTED_MAX } = command;
    this.#ask({ kind: 'files', commandId, pattern, order, countMax, collected: [] }, undefined, now);
  }

  /** A connection that was lost has taken with it that the client watches. */
  handleSessionBack(now: number): void {
    if (!this.#isWatching) return;
    this.#watch(this.#parts.add({ kind: 'decline' }, now), true);
    // Whatever happened meanwhile nobody has told.
    this.#parts.sink.notify({ type: 'files-changed' });
  }

  /** Takes over an answer; false when it does not fit the request, `undefined` when it is somebody else's. */
  handleAnswer(purpose: Purpose, answer: Answer, now: number): boolean | undefined {
    if (purpose.kind !== 'files') return undefined;
    if (answer.type !== 'files') return false;
    this.#takePage(purpose, answer, now);
    return true;
  }

  // CHAT-LIST-2
  #takePage(purpose: FilesPurpose, page: ServerMessageOf<'files'>, now: number): void {
    const { sink } = this.#parts;
    const { commandId, countMax } = purpose;
    const collected = [...purpose.collected, ...page.files];
    const isEnd = page.nextCursor === undefined || page.files.length === 0;
    if (collected.length > FILES_LISTED_MAX) {
      const words = `the server has more than ${FILES_LISTED_MAX} files`;
      sink.fail(commandId, new ClientError('list-too-long', words));
    } else if (!isEnd && collected.length < countMax) {
      this.#ask({ ...purpose, collected }, page.nextCursor, now);
    } else {
      sink.succeed(commandId, collected.slice(0, countMax) satisfies CommandResults['list-files']);
    }
  }

  #ask(purpose: FilesPurpose, cursor: string | undefined, now: number): void {
    const { sink, add } = this.#parts;
    const { pattern, order, countMax, collected } = purpose;
    const requestId = add(purpose, now);
    const limit = Math.min(FILES_PER_PAGE_MAX, Math.max(1, countMax - collected.length));
    sink.send({ type: 'list-files', requestId, cursor, limit, pattern, order });
  }

  // CHAT-WATCH-1
  #watch(requestId: number, isWatching: boolean): void {
    this.#isWatching = isWatching;
    this.#parts.sink.send({ type: 'watch-files', requestId, isWatching: Number(isWatching) });
  }
}
