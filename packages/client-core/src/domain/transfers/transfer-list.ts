import type { ServerMessageOf, Sha256, TransferId } from '@parley/protocol';
import type { WantedBytes } from '../../transfers/download.ts';
import type { TransferEnd, TransferProgress } from '../../transfers/running-transfer.ts';
import type { WantedUpload } from '../../transfers/upload.ts';
import { ClientError } from '../errors.ts';
import { TRANSFERS_OPEN_MAX } from '../limits.ts';
import {
  type AnyOffer,
  announcedBy,
  checkTargetIsFree,
  explainFailure,
  giveOffer,
  isAnswerTo,
  isAtServer,
  isLetGo,
  newTransfer,
  overAlready,
  requestFor,
  startOf,
  type Transfer,
  type TransferEntry,
  type TransferFailure,
  type TransferPriority,
  type TransferStep,
  triggerOfPhase,
  unknownTransfer,
  withHopeFor,
} from './transfer.ts';
import { makeRoom, nextInLine, waitingFirst } from './transfer-queue.ts';
import { TransferRetry } from './transfer-retry.ts';
import { isTransferOver, nextTransferState, type TransferTrigger } from './transfer-state.ts';

/** The downloads and uploads of a session: their queue, their states, who has which turn, and when to ask again. */
export class TransferList {
  readonly #entries = new Map<number, TransferEntry>();
  readonly #openMax: number;
  #lastNumber = 0;
  /** The server can be asked. */
  #isConnected = true;

  /** `openMax`: transfers that are open at the server at a time. */
  constructor(openMax = TRANSFERS_OPEN_MAX) {
    this.#openMax = openMax;
  }

  /** All that are remembered, in the order of the requests. */
  get all(): readonly Transfer[] {
    return Array.from(this.#entries.values(), ({ transfer }) => transfer);
  }

  get(number: number): Transfer | undefined {
    return this.#entries.get(number)?.transfer;
  }

  /** When `handleDeadline` is due. */
  get deadline(): number | undefined {
    if (!this.#isConnected) return undefined;
    let deadline: number | undefined;
    for (const { askAt } of this.#entries.values()) {
      if (askAt !== undefined && (deadline === undefined || askAt < deadline)) deadline = askAt;
    }
    return deadline;
  }

  /** Queues a transfer. Throws `target-exists` when another one is going to the same place. */
  add(
    about: Pick<Transfer, 'direction' | 'name' | 'targetPath'> &
      Partial<Pick<Transfer, 'sourcePath' | 'room' | 'from'>>,
  ): { readonly transfer: Transfer; readonly steps: TransferStep[] } {
    const { targetPath, direction, sourcePath, room, from } = about;
    checkTargetIsFree(this.all, targetPath, direction);
    makeRoom(this.#entries);
    this.#lastNumber += 1;
    const transfer = newTransfer({ ...about, sourcePath, room, from, number: this.#lastNumber });
    this.#entries.set(transfer.number, {
      transfer,
      transferId: undefined,
      isPauseWanted: false,
      wanted: undefined,
      beganAt: undefined,
      isAsked: false,
      askAt: undefined,
      retry: new TransferRetry(),
      serverEnd: undefined,
    });
    const steps: TransferStep[] = [{ type: 'transfer-changed', transfer }, ...this.#giveTurns()];
    return { transfer: this.get(transfer.number) ?? transfer, steps };
  }

  /** A download says what it lacks: the server is asked, at once or after a pause that follows trouble. */
  // CHAT-RESUME-1
  handleWanted(number: number, wanted: WantedBytes | WantedUpload, now: number): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry || isTransferOver(entry.transfer.state)) return [];
    const { serverEnd } = entry;
    entry.wanted = wanted;
    if ('elapsedMs' in wanted) entry.beganAt = now - wanted.elapsedMs;
    // CHAT-UPLOAD-4: that an upload is there may be told later than our side lost sight of it.
    if (isAtServer(entry)) return this.#uploaded(entry, now);
    if (entry.transfer.direction === 'download') entry.transferId = undefined;
    entry.serverEnd = undefined;
    const { trouble, receivedBytes } = wanted;
    if (trouble === undefined) return this.#ask(entry, { receivedBytes });
    const failure = explainFailure(trouble, serverEnd);
    const delayMs = entry.retry.delayAfterTrouble(wanted);
    return this.#interrupt(entry, failure, delayMs === undefined ? undefined : now + delayMs);
  }

  /** Whether an offer is of the kind that the transfer asked for. */
  isOfferFor(number: number, offer: Pick<AnyOffer, 'type'>): boolean {
    const direction = this.get(number)?.direction;
    return direction === undefined || (direction === 'upload') === (offer.type === 'upload-offer');
  }

  /** The server offers the file that was asked for, or to take the one that is to be sent. */
  handleOffer(number: number, offer: AnyOffer): TransferStep[] {
    const entry = this.#entries.get(number);
    const { transferId } = offer;
    if (!entry?.isAsked || isTransferOver(entry.transfer.state)) {
      return [{ type: 'decline-offer', transferId }];
    }
    entry.isAsked = false;
    if (!isAnswerTo(entry, offer)) {
      const message = 'the server offered something else than the file that was asked for';
      return [
        { type: 'decline-offer', transferId },
        ...this.#fail(entry, { code: 'protocol-violation', message }),
      ];
    }
    const announced = announcedBy(entry, offer);
    entry.transferId = transferId;
    entry.wanted = undefined;
    entry.retry.begin();
    const steps: TransferStep[] = [
      giveOffer(number, offer),
      ...this.#change(entry, 'offered', { ...announced, failure: undefined }),
    ];
    if (entry.isPauseWanted) {
      steps.push({ type: 'pause-running', number }, ...this.#change(entry, 'paused'));
    }
    return steps;
  }

  /** The server has the transfer wait for its turn. */
  // CHAT-QUEUE-1, CHAT-QUEUE-2
  handleQueued(number: number, transferId: TransferId): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry?.isAsked || isTransferOver(entry.transfer.state))
      return [{ type: 'decline-offer', transferId }];
    entry.transferId = transferId;
    return this.#change(entry, 'queued', { failure: undefined });
  }

  /** The server refused, or did not answer. */
  handleRefusal(
    number: number,
    failure: TransferFailure,
    when: { readonly now: number; readonly retryAfterMs: number | undefined },
  ): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry || isTransferOver(entry.transfer.state)) return [];
    entry.isAsked = false;
    const delayMs = entry.retry.delayAfterRefusal(failure.code, when.retryAfterMs);
    return this.#interrupt(entry, failure, delayMs === undefined ? undefined : when.now + delayMs);
  }

  handleProgress(number: number, progress: TransferProgress): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry || isTransferOver(entry.transfer.state)) return [];
    const isStopped = entry.isPauseWanted && progress.phase !== 'verifying';
    const { receivedBytes, resumedBytes, changesSeen } = progress;
    const bytesPerSecond = isStopped ? 0 : progress.bytesPerSecond;
    const size = progress.size ?? entry.transfer.size;
    const route = progress.route ?? entry.transfer.route;
    const changes = { receivedBytes, resumedBytes, changesSeen, bytesPerSecond, size, route };
    return this.#change(entry, triggerOfPhase(progress.phase), changes);
  }

  handleOutcome(number: number, outcome: TransferEnd): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry || isTransferOver(entry.transfer.state)) return [];
    switch (outcome.kind) {
      case 'completed': {
        const { path, size, durationMs, sha256, leftOut = [] } = outcome;
        const isUpload = entry.transfer.direction === 'upload';
        const end = { ...(isUpload ? {} : { targetPath: path }), sha256: sha256 as Sha256 | undefined };
        const changes = { ...end, size, receivedBytes: size, bytesPerSecond: 0, durationMs, leftOut };
        return [...this.#change(entry, 'completed', changes), ...this.#giveTurns()];
      }
      case 'cancelled':
      case 'stopped':
        return this.#end(entry, outcome.kind);
      case 'failed':
        return this.#end(
          entry,
          'failed',
          withHopeFor(entry.transfer, explainFailure(outcome, entry.serverEnd)),
        );
    }
  }

  /** The server tells how a transfer ended on its side; ours ends by itself, but may not know why, nor soon. */
  handleServerEnd(message: ServerMessageOf<'transfer-ended'>, now: number): TransferStep[] {
    const steps: TransferStep[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.transferId !== message.transferId) continue;
      entry.serverEnd = { outcome: message.outcome, message: message.message };
      if (isLetGo(entry)) steps.push({ type: 'interrupt-running', number: entry.transfer.number });
      else if (entry.wanted !== undefined && isAtServer(entry)) steps.push(...this.#uploaded(entry, now));
    }
    return steps;
  }

  /** The connection to the server is gone, and will be made again. What flows may go on flowing. */
  handleSessionLost(failure: TransferFailure): TransferStep[] {
    this.#isConnected = false;
    const steps: TransferStep[] = [];
    for (const entry of this.#entries.values()) {
      entry.transferId = undefined;
      if (!entry.isAsked) continue;
      entry.isAsked = false;
      steps.push(...this.#change(entry, 'interrupted', { failure }));
    }
    return steps;
  }

  /** The server can be asked again. What still seems to flow was ended by the server, or died with it. */
  // CHAT-TRANSFER-7
  handleSessionBack(): TransferStep[] {
    this.#isConnected = true;
    const steps: TransferStep[] = [];
    for (const entry of this.#entries.values()) {
      const { number, state } = entry.transfer;
      const hasOffer = state === 'connecting' || state === 'running' || state === 'paused';
      if (hasOffer && entry.wanted === undefined) steps.push({ type: 'interrupt-running', number });
      else steps.push(...this.#ask(entry, {}));
    }
    return steps;
  }

  /** Asks for what has waited long enough. */
  handleDeadline(now: number): TransferStep[] {
    if (!this.#isConnected) return [];
    const steps: TransferStep[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.askAt !== undefined && entry.askAt <= now) steps.push(...this.#ask(entry, {}));
    }
    return steps;
  }

  pause(number: number): TransferStep[] {
    const entry = this.#open(number);
    if (entry.transfer.state === 'verifying') {
      throw new ClientError(
        'transfer-not-open',
        `${entry.transfer.direction} ${number} has all its bytes and is being verified`,
      );
    }
    if (entry.isPauseWanted) return [];
    entry.isPauseWanted = true;
    if (['requested', 'queued'].includes(entry.transfer.state)) return [];
    return [{ type: 'pause-running', number }, ...this.#change(entry, 'paused', { bytesPerSecond: 0 })];
  }

  resume(number: number): TransferStep[] {
    const entry = this.#open(number);
    if (!entry.isPauseWanted) return [];
    entry.isPauseWanted = false;
    if (entry.transfer.state !== 'paused') return [];
    // Its connection broke while it was paused: nothing flows before the server is asked again.
    if (entry.wanted !== undefined) {
      const next = this.#isConnected ? this.#ask(entry, {}) : this.#change(entry, 'resumed-in-vain');
      return [{ type: 'resume-running', number }, ...next];
    }
    return [{ type: 'resume-running', number }, ...this.#change(entry, 'resumed')];
  }

  /** Changes who of those that wait is next; what has begun goes on. */
  prioritize(number: number, priority: TransferPriority): TransferStep[] {
    return this.#change(this.#unfinished(number), undefined, { priority });
  }

  cancel(number: number): TransferStep[] {
    const entry = this.#unfinished(number);
    const { transferId } = entry;
    return [
      ...this.#endRunning(entry, 'cancel-running'),
      ...(transferId === undefined ? [] : [{ type: 'decline-offer', transferId } as const]),
      ...this.#end(entry, 'cancelled'),
    ];
  }

  /** The session is over: nothing can go on without it. What has arrived is kept. */
  endAll(failureOf: ((transfer: Transfer) => TransferFailure) | undefined): TransferStep[] {
    const steps: TransferStep[] = [];
    // The queue first, or an ended download would give its turn to one of them.
    for (const entry of waitingFirst(this.#entries.values())) {
      if (isTransferOver(entry.transfer.state)) continue;
      steps.push(...this.#endRunning(entry, 'stop-running'));
      if (failureOf) steps.push(...this.#end(entry, 'failed', failureOf(entry.transfer)));
      else steps.push(...this.#end(entry, 'stopped'));
    }
    return steps;
  }

  /** Sends the request, unless it has to wait: for the session, or for the user who paused. */
  // CHAT-CHUNK-5
  #ask(entry: TransferEntry, changes: Partial<Transfer>): TransferStep[] {
    const { wanted, transfer } = entry;
    if (wanted === undefined || entry.isAsked || isTransferOver(transfer.state)) return [];
    if (!this.#isConnected) return this.#change(entry, 'interrupted', changes);
    entry.askAt = undefined;
    if (entry.isPauseWanted && transfer.state === 'paused') return [];
    entry.isAsked = true;
    return [requestFor(transfer, wanted), ...this.#change(entry, 'asked', changes)];
  }

  /** The server has the whole file, and our side has not heard so by UDP. */
  #uploaded(entry: TransferEntry, now: number): TransferStep[] {
    const { wanted, beganAt = now, transfer } = entry;
    const announced = wanted !== undefined && 'sha256' in wanted ? wanted : undefined;
    const { size = 0, leftOut } = announced ?? transfer;
    const sha256 = announced?.sha256 as Sha256 | undefined;
    const steps = this.#endRunning(entry, 'stop-running');
    entry.wanted = undefined;
    entry.askAt = undefined;
    const durationMs = now - beganAt;
    const end = { size, receivedBytes: size, bytesPerSecond: 0, failure: undefined };
    const changes = { ...end, sha256, leftOut, durationMs };
    return [...steps, ...this.#change(entry, 'completed', changes), ...this.#giveTurns()];
  }

  /** The transfer waits until `askAt`, or fails without it. */
  #interrupt(entry: TransferEntry, failure: TransferFailure, askAt: number | undefined): TransferStep[] {
    if (askAt === undefined) return this.#fail(entry, failure);
    entry.askAt = askAt;
    return this.#change(entry, 'interrupted', { bytesPerSecond: 0, failure });
  }

  #fail(entry: TransferEntry, failure: TransferFailure): TransferStep[] {
    return [
      ...this.#endRunning(entry, 'stop-running'),
      ...this.#end(entry, 'failed', withHopeFor(entry.transfer, failure)),
    ];
  }

  #endRunning(entry: TransferEntry, type: 'stop-running' | 'cancel-running'): TransferStep[] {
    return entry.transfer.state === 'waiting' ? [] : [{ type, number: entry.transfer.number }];
  }

  #unfinished(number: number): TransferEntry {
    const entry = this.#entries.get(number);
    if (!entry) throw unknownTransfer(number);
    if (isTransferOver(entry.transfer.state)) throw overAlready(entry.transfer);
    return entry;
  }

  #open(number: number): TransferEntry {
    const entry = this.#unfinished(number);
    if (entry.transfer.state === 'waiting') {
      throw new ClientError(
        'transfer-not-open',
        `${entry.transfer.direction} ${number} has not begun: it waits for its turn`,
      );
    }
    return entry;
  }

  #end(
    entry: TransferEntry,
    state: 'failed' | 'cancelled' | 'stopped',
    failure?: TransferFailure,
  ): TransferStep[] {
    entry.wanted = undefined;
    entry.askAt = undefined;
    return [...this.#change(entry, state, { bytesPerSecond: 0, failure }), ...this.#giveTurns()];
  }

  #change(
    entry: TransferEntry,
    trigger: TransferTrigger | undefined,
    changes: Partial<Transfer> = {},
  ): TransferStep[] {
    const state = trigger && nextTransferState(entry.transfer.state, trigger);
    entry.transfer = { ...entry.transfer, ...changes, state: state ?? entry.transfer.state };
    return [{ type: 'transfer-changed', transfer: entry.transfer }];
  }

  /** Begins the transfers whose turn has come: each looks at what is there and says what it lacks. */
  #giveTurns(): TransferStep[] {
    const steps: TransferStep[] = [];
    for (const entry of nextInLine(this.#entries.values(), this.#openMax)) {
      steps.push(startOf(entry.transfer), ...this.#change(entry, 'turn-came'));
    }
    return steps;
  }
}
