import type { FilePath, TransferId } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';
import type { Effect } from '../effects.ts';
import { invariant } from '../errors.ts';
import type { ServerLimits } from '../limits.ts';
import type { Session } from '../sessions/session.ts';
import type { UploadAnnouncement } from './upload-description.ts';

/** What begins a transfer. */
export type Opening = Extract<Effect, { readonly type: 'open-transfer' | 'open-folder' | 'open-upload' }>;

/** A transfer from its request to its end. */
export interface Transfer {
  readonly transferId: TransferId;
  readonly requestId: number;
  /** A path to download, or the name of what is uploaded. */
  readonly name: FilePath;
  /** Who is told, and by whom, when an upload has come to a good end. */
  readonly announcement: UploadAnnouncement | undefined;
  readonly userId: UserId;
  readonly opening: Opening;
  /** Who asked; `undefined` when that session has ended. */
  session: Session | undefined;
  /** *queued* while too many others are under way, *opening* until the file is hashed and the ticket is known to the host, then *offered*, then *running*. */
  state: 'queued' | 'opening' | 'offered' | 'running';
}

/** All transfers, also those whose client has gone and whose end the host has not confirmed, and who may begin next. */
export class TransferRegistry {
  readonly #limits: Pick<ServerLimits, 'transfersUnderWayMax' | 'transfersPerUserMax'>;
  readonly #transfers = new Map<TransferId, Transfer>();
  /** In the order of the requests. */
  readonly #queue = new Set<Transfer>();
  readonly #underWay = new Map<UserId, number>();
  #lastTransferId = 0;

  constructor(limits: Pick<ServerLimits, 'transfersUnderWayMax' | 'transfersPerUserMax'>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#transfers.size;
  }

  /** Those that wait, in the order of the requests. */
  get queued(): readonly Transfer[] {
    return [...this.#queue];
  }

  /** The transfer is *queued*, or, when there is room for it, *opening*. */
  open(
    session: Session,
    request: Pick<Transfer, 'requestId' | 'name' | 'userId' | 'announcement'>,
    openingFor: (transferId: TransferId) => Opening,
  ): Transfer {
    this.#lastTransferId += 1;
    const transferId = this.#lastTransferId as TransferId;
    const opening = openingFor(transferId);
    const transfer: Transfer = { transferId, ...request, opening, session, state: 'queued' };
    this.#transfers.set(transferId, transfer);
    session.transfers.add(transfer);
    // Who waits already waits for an end: there is no room for them that this one could take.
    this.#queue.add(transfer);
    if (this.#hasRoom && this.#hasRoomOf(transfer)) this.#begin(transfer);
    return transfer;
  }

  /** Those of which that is true. */
  filter(isWanted: (transfer: Transfer) => boolean): readonly Transfer[] {
    return [...this.#transfers.values()].filter(isWanted);
  }

  find(transferId: TransferId): Transfer | undefined {
    return this.#transfers.get(transferId);
  }

  end(transfer: Transfer): void {
    invariant(this.#transfers.delete(transfer.transferId), 'a transfer ends once');
    transfer.session?.transfers.delete(transfer);
    if (this.#queue.delete(transfer)) return;
    const count = this.#countOf(transfer.userId) - 1;
    if (count === 0) this.#underWay.delete(transfer.userId);
    else this.#underWay.set(transfer.userId, count);
  }

  /** The next one whose turn has come; it is *opening* now. */
  // CHAT-QUEUE-1
  pollTurn(): Transfer | undefined {
    if (!this.#hasRoom) return undefined;
    let next: Transfer | undefined;
    for (const transfer of this.#queue) {
      if (!this.#hasRoomOf(transfer)) continue;
      if (next === undefined || this.#countOf(transfer.userId) < this.#countOf(next.userId)) next = transfer;
    }
    if (next === undefined) return undefined;
    this.#begin(next);
    return next;
  }

  #begin(transfer: Transfer): void {
    this.#queue.delete(transfer);
    transfer.state = 'opening';
    this.#underWay.set(transfer.userId, this.#countOf(transfer.userId) + 1);
  }

  get #hasRoom(): boolean {
    return this.#transfers.size - this.#queue.size < this.#limits.transfersUnderWayMax;
  }

  /** Whether its user has room for one in the queue. */
  #hasRoomOf({ userId }: Transfer): boolean {
    return this.#countOf(userId) < this.#limits.transfersPerUserMax;
  }

  #countOf(userId: UserId): number {
    return this.#underWay.get(userId) ?? 0;
  }
}
