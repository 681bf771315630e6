import { settleAccountWork } from './accounts/account-events.ts';
import { forgetWhenDue, handleDeadline, nextDeadline } from './deadlines.ts';
import { EffectList } from './effect-list.ts';
import type { Effect } from './effects.ts';
import type { ConnectionId, ServerEvent } from './events.ts';
import { answerHistory, answerSearch, tellReadMarkers } from './rooms/history-events.ts';
import { receiveMessage } from './rooms/receive-message.ts';
import { flushPresence } from './rooms/room-membership.ts';
import { type ChatServerOptions, ServerState } from './server-state.ts';
import { closeConnection, openConnection, stopServer } from './sessions/connection-events.ts';
import { drainServer } from './sessions/drain.ts';
import type { Session } from './sessions/session.ts';
import { endForViolation } from './sessions/session-end.ts';
import { handleBacklog } from './sessions/slow-readers.ts';
import type { ChatStatistics } from './statistics.ts';
import { tellFilesChanged } from './transfers/file-watching.ts';
import { answerFileRequest, handleTransferEvent } from './transfers/transfer-events.ts';
import { announceUpload } from './transfers/upload-announcement.ts';

/**
 * The chat server without its sockets: told what happens, it answers what to do.
 *
 *     const effects = server.handle(event, now);   // carry them out in order
 *     const write = server.pollWrite();            // then this, if there is one
 *     const at = server.nextDeadline();            // then call handle({ type: 'deadline' }, now) when `at` has come
 *
 * `now` is in milliseconds on any clock that never goes back. Events of connections that have ended are ignored, so a
 * driver may tell them in whatever order they came.
 */
export class ChatServer {
  readonly #state: ServerState;

  constructor(options: ChatServerOptions) {
    this.#state = new ServerState(options);
  }

  /** Takes one event and gives the effects of it, in the order in which they have to be carried out. */
  handle(event: ServerEvent, now: number): Effect[] {
    const state = this.#state;
    const effects = new EffectList(state.counters);
    switch (event.type) {
      case 'connection-opened':
        openConnection(state, effects, event.connectionId, event.address, now);
        break;
      case 'message-received':
        this.#withSession(event, (session) => receiveMessage(state, effects, session, event.message, now));
        break;
      case 'decode-failed':
        this.#withSession(event, (session) => endForViolation(state, effects, session, event.problem, now));
        break;
      case 'connection-closed':
        this.#withSession(event, (session) => closeConnection(state, effects, session, event.detail, now));
        break;
      case 'connection-backlog':
        this.#withSession(event, (session) => handleBacklog(state, effects, session, event.queuedBytes, now));
        break;
      case 'file-list-ready':
      case 'file-discarded':
      case 'sent-listed':
        this.#withSession(event, (session) => answerFileRequest(effects, session, event));
        break;
      case 'files-changed':
        tellFilesChanged(state, effects);
        break;
      case 'transfer-opened':
      case 'folder-opened':
      case 'upload-opened':
      case 'transfer-refused':
      case 'transfer-started':
      case 'transfer-ended':
        handleTransferEvent(state, effects, event, now);
        break;
      case 'upload-found':
        announceUpload(state, effects, event.announcement, now);
        break;
      case 'written':
        state.writer.handleWritten(event.batchId, event.outcome, effects, now);
        break;
      case 'history-read':
        this.#withSession(event, (session) => answerHistory(state, effects, session, event));
        break;
      case 'search-done':
        this.#withSession(event, (session) => answerSearch(effects, session, event));
        break;
      case 'markers-read':
        this.#withSession(event, (session) => tellReadMarkers(state, effects, session, event.markers));
        break;
      case 'password-hashed':
      case 'password-checked':
      case 'accounts-written':
      case 'audit-read':
        settleAccountWork(state, effects, event, now);
        break;
      case 'deadline':
        handleDeadline(state, effects, now);
        break;
      case 'drain':
        drainServer(state, effects, event, now);
        break;
      case 'stop':
        stopServer(state, effects, event, now);
        break;
      default:
        event satisfies never;
    }
    this.#drain(effects, now);
    return effects.all;
  }

  /**
   * The next batch for the store, when there is one and the one before is done. To be asked after `handle`: at once, or at the
   * end of a turn that brings many messages, so that they are one batch.
   */
  // CHAT-LOG-3
  pollWrite(): Extract<Effect, { type: 'write' }> | undefined {
    const batch = this.#state.writer.pollBatch();
    return batch === undefined ? undefined : { type: 'write', ...batch };
  }

  /** Whether there is something for `pollWrite`. */
  get hasWrite(): boolean {
    return this.#state.writer.hasBatch;
  }

  /** When `handle({ type: 'deadline' })` has to be called next, on the clock of `now`. */
  nextDeadline(): number | undefined {
    return nextDeadline(this.#state);
  }

  /** The invite code that still makes its user an operator. */
  get operatorCode(): string | undefined {
    return this.#state.operatorCode;
  }

  /** What the server holds, and what it has counted. */
  statistics(): ChatStatistics {
    return this.#state.statistics();
  }

  /** What is due after any event. */
  #drain(effects: EffectList, now: number): void {
    const state = this.#state;
    forgetWhenDue(state, now);
    flushPresence(state, effects, now);
  }

  #withSession(event: { readonly connectionId: ConnectionId }, action: (session: Session) => void): void {
    const session = this.#state.sessions.byConnection(event.connectionId);
    if (session !== undefined) action(session);
  }
}
