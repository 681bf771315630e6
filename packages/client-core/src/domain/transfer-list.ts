import type { ServerMessageOf, Sha256, TransferId, TransferOutcome } from '@parley/protocol';
import type { DownloadOutcome, DownloadProgress, DownloadRequest } from '../transfers/download-host.ts';
import { ClientError, type TransferFailureCode } from './errors.ts';
import { DOWNLOADS_OPEN_MAX, TRANSFERS_KEPT_MAX } from './limits.ts';
import {
  isTransferOpen,
  isTransferOver,
  nextTransferState,
  type TransferState,
  type TransferTrigger,
} from './transfer-state.ts';

/** One download as its user sees it: a snapshot, replaced as things change. */
export interface Transfer {
  /** Counts from 1 in the order of the requests. */
  readonly number: number;
  readonly name: string;
  readonly targetPath: string;
  readonly state: TransferState;
  /** Bytes of the whole file; undefined until the server offered it. */
  readonly size: number | undefined;
  readonly receivedBytes: number;
  /** Smoothed; 0 while nothing arrives. */
  readonly bytesPerSecond: number;
  /** What the server announced, and what a completed file was verified against. */
  readonly sha256: Sha256 | undefined;
  /** Of a completed download: from the first packet to the final name. */
  readonly durationMs: number | undefined;
  /** Of a failed one. */
  readonly failure: TransferFailure | undefined;
}

/** Why a download did not give a file. */
export interface TransferFailure {
  readonly code: TransferFailureCode;
  /** For people; may hold the server's own words. */
  readonly message: string;
}

/** What the list of transfers wants done. */
export type TransferStep =
  | { readonly type: 'request-offer'; readonly number: number; readonly name: string }
  | { readonly type: 'decline-offer'; readonly transferId: TransferId }
  | { readonly type: 'start-download'; readonly number: number; readonly request: DownloadOrder }
  | { readonly type: 'pause-download'; readonly number: number }
  | { readonly type: 'resume-download'; readonly number: number }
  | { readonly type: 'cancel-download'; readonly number: number }
  | { readonly type: 'transfer-changed'; readonly transfer: Transfer };

/** A download request without the host, which the connection's owner knows. */
export type DownloadOrder = Omit<DownloadRequest, 'host'>;

interface Entry {
  transfer: Transfer;
  transferId: TransferId | undefined;
  isPauseWanted: boolean;
  /** What the server said about the transfer's end, when it did before our side noticed. */
  serverEnd: { readonly outcome: TransferOutcome; readonly message: string } | undefined;
}

/** The downloads of a session: their queue, their states, and who has which turn. */
export class TransferList {
  readonly #entries = new Map<number, Entry>();
  #lastNumber = 0;

  /** All that are remembered, in the order of the requests. */
  get all(): readonly Transfer[] {
    return Array.from(this.#entries.values(), ({ transfer }) => transfer);
  }

  get(number: number): Transfer | undefined {
    return this.#entries.get(number)?.transfer;
  }

  /** Queues a download. Throws `target-exists` when another download is going to the same place. */
  add(name: string, targetPath: string): { readonly transfer: Transfer; readonly steps: TransferStep[] } {
    for (const { transfer } of this.#entries.values()) {
      if (transfer.targetPath !== targetPath || isTransferOver(transfer.state)) continue;
      throw new ClientError(
        'target-exists',
        `${targetPath} is being downloaded already, as number ${transfer.number}`,
      );
    }
    this.#forgetOldest();
    this.#lastNumber += 1;
    const transfer: Transfer = {
      number: this.#lastNumber,
      name,
      targetPath,
      state: 'waiting',
      size: undefined,
      receivedBytes: 0,
      bytesPerSecond: 0,
      sha256: undefined,
      durationMs: undefined,
      failure: undefined,
    };
    this.#entries.set(transfer.number, {
      transfer,
      transferId: undefined,
      isPauseWanted: false,
      serverEnd: undefined,
    });
    const steps: TransferStep[] = [{ type: 'transfer-changed', transfer }, ...this.#giveTurns()];
    return { transfer: this.get(transfer.number) ?? transfer, steps };
  }

  /** The server offers the file that was asked for. */
  handleOffer(number: number, offer: ServerMessageOf<'transfer-offer'>): TransferStep[] {
    const entry = this.#entries.get(number);
    if (entry?.transfer.state !== 'requested')
      return [{ type: 'decline-offer', transferId: offer.transferId }];
    if (offer.name !== entry.transfer.name || offer.offset !== 0) {
      const message = 'the server offered something else than the file that was asked for';
      return [
        { type: 'decline-offer', transferId: offer.transferId },
        ...this.#end(entry, 'failed', { code: 'protocol-violation', message }),
      ];
    }
    entry.transferId = offer.transferId;
    const { transferId, ticket, udpPort, size, sha256 } = offer;
    const { targetPath } = entry.transfer;
    const steps: TransferStep[] = [
      { type: 'start-download', number, request: { transferId, ticket, udpPort, size, sha256, targetPath } },
      ...this.#change(entry, 'offered', { size, sha256 }),
    ];
    if (entry.isPauseWanted) {
      steps.push({ type: 'pause-download', number }, ...this.#change(entry, 'paused'));
    }
    return steps;
  }

  /** The server refused, or did not answer. */
  handleRefusal(number: number, failure: TransferFailure): TransferStep[] {
    const entry = this.#entries.get(number);
    return entry ? this.#end(entry, 'failed', failure) : [];
  }

  handleProgress(number: number, progress: DownloadProgress): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry || isTransferOver(entry.transfer.state)) return [];
    const isStopped = entry.isPauseWanted && progress.phase !== 'verifying';
    const changes = {
      receivedBytes: progress.receivedBytes,
      bytesPerSecond: isStopped ? 0 : progress.bytesPerSecond,
    };
    return this.#change(entry, triggerOfPhase(progress.phase), changes);
  }

  handleOutcome(number: number, outcome: DownloadOutcome): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry || isTransferOver(entry.transfer.state)) return [];
    switch (outcome.kind) {
      case 'completed': {
        const { path, size, durationMs } = outcome;
        const changes = { targetPath: path, size, receivedBytes: size, bytesPerSecond: 0, durationMs };
        return [...this.#change(entry, 'completed', changes), ...this.#giveTurns()];
      }
      case 'cancelled':
        return this.#end(entry, 'cancelled');
      case 'failed':
        return this.#end(entry, 'failed', explainFailure(outcome, entry.serverEnd));
    }
  }

  /** The server tells how a transfer ended on its side; ours ends by itself, but may not know why. */
  handleServerEnd(message: ServerMessageOf<'transfer-ended'>): void {
    for (const entry of this.#entries.values()) {
      if (entry.transferId === message.transferId) {
        entry.serverEnd = { outcome: message.outcome, message: message.message };
      }
    }
  }

  pause(number: number): TransferStep[] {
    const entry = this.#open(number);
    if (entry.transfer.state === 'verifying') {
      throw new ClientError(
        'transfer-not-open',
        `download ${number} has all its bytes and is being verified`,
      );
    }
    if (entry.isPauseWanted) return [];
    entry.isPauseWanted = true;
    if (entry.transfer.state === 'requested') return [];
    return [{ type: 'pause-download', number }, ...this.#change(entry, 'paused', { bytesPerSecond: 0 })];
  }

  resume(number: number): TransferStep[] {
    const entry = this.#open(number);
    if (!entry.isPauseWanted) return [];
    entry.isPauseWanted = false;
    if (entry.transfer.state !== 'paused') return [];
    return [{ type: 'resume-download', number }, ...this.#change(entry, 'resumed')];
  }

  cancel(number: number): TransferStep[] {
    const entry = this.#entries.get(number);
    if (!entry) throw unknownTransfer(number);
    if (isTransferOver(entry.transfer.state)) throw overAlready(entry.transfer);
    return [...this.#abort(entry), ...this.#end(entry, 'cancelled')];
  }

  /** The session is over: nothing can go on without it. */
  endAll(failure: TransferFailure | undefined): TransferStep[] {
    const steps: TransferStep[] = [];
    // The queue first, or an ended download would give its turn to one of them.
    const entries = Array.from(this.#entries.values());
    entries.sort(
      (left, right) =>
        Number(isTransferOpen(left.transfer.state)) - Number(isTransferOpen(right.transfer.state)),
    );
    for (const entry of entries) {
      if (isTransferOver(entry.transfer.state)) continue;
      const isStarted = entry.transferId !== undefined;
      if (isStarted) steps.push({ type: 'cancel-download', number: entry.transfer.number });
      steps.push(...this.#end(entry, failure ? 'failed' : 'cancelled', failure));
    }
    return steps;
  }

  /** Stops what was started for a transfer, here and at the server. */
  #abort(entry: Entry): TransferStep[] {
    const { transferId, transfer } = entry;
    if (transferId === undefined) return [];
    return [
      { type: 'cancel-download', number: transfer.number },
      { type: 'decline-offer', transferId },
    ];
  }

  #open(number: number): Entry {
    const entry = this.#entries.get(number);
    if (!entry) throw unknownTransfer(number);
    if (isTransferOver(entry.transfer.state)) throw overAlready(entry.transfer);
    if (entry.transfer.state === 'waiting') {
      throw new ClientError('transfer-not-open', `download ${number} has not begun: it waits for its turn`);
    }
    return entry;
  }

  #end(entry: Entry, state: 'failed' | 'cancelled', failure?: TransferFailure): TransferStep[] {
    return [...this.#change(entry, state, { bytesPerSecond: 0, failure }), ...this.#giveTurns()];
  }

  #change(
    entry: Entry,
    trigger: TransferTrigger | undefined,
    changes: Partial<Transfer> = {},
  ): TransferStep[] {
    const state = trigger && nextTransferState(entry.transfer.state, trigger);
    entry.transfer = { ...entry.transfer, ...changes, state: state ?? entry.transfer.state };
    return [{ type: 'transfer-changed', transfer: entry.transfer }];
  }

  /** Asks for the files whose turn has come. */
  #giveTurns(): TransferStep[] {
    const steps: TransferStep[] = [];
    let open = 0;
    for (const { transfer } of this.#entries.values()) if (isTransferOpen(transfer.state)) open += 1;
    for (const entry of this.#entries.values()) {
      if (open >= DOWNLOADS_OPEN_MAX) break;
      if (entry.transfer.state !== 'waiting') continue;
      open += 1;
      const { number, name } = entry.transfer;
      steps.push({ type: 'request-offer', number, name }, ...this.#change(entry, 'turn-came'));
    }
    return steps;
  }

  #forgetOldest(): void {
    if (this.#entries.size < TRANSFERS_KEPT_MAX) return;
    for (const [number, { transfer }] of this.#entries) {
      if (!isTransferOver(transfer.state)) continue;
      this.#entries.delete(number);
      return;
    }
    throw new ClientError('too-many-requests', `${TRANSFERS_KEPT_MAX} downloads are waiting already`);
  }
}

/** What a phase means for the state. Pausing and resuming show at once, by the user's command. */
function triggerOfPhase(phase: DownloadProgress['phase']): TransferTrigger | undefined {
  if (phase === 'verifying') return 'bytes-complete';
  return phase === 'receiving' ? 'bytes-flow' : undefined;
}

/** The server often knows better than our side, which only saw the connection end. */
function explainFailure(
  outcome: Extract<DownloadOutcome, { kind: 'failed' }>,
  serverEnd: Entry['serverEnd'],
): TransferFailure {
  const isVague = outcome.code === 'connection-lost' || outcome.code === 'server-cancelled';
  if (isVague && serverEnd && serverEnd.message !== '' && serverEnd.outcome !== 'completed') {
    return { code: outcome.code, message: `${outcome.message} (the server says: ${serverEnd.message})` };
  }
  return { code: outcome.code, message: outcome.message };
}

function unknownTransfer(number: number): ClientError {
  return new ClientError('transfer-unknown', `there is no download number ${number}`);
}

function overAlready(transfer: Transfer): ClientError {
  return new ClientError('transfer-not-open', `download ${transfer.number} is over: it ${transfer.state}`);
}
