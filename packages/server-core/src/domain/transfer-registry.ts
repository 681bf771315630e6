import type { FilePath, TransferId } from '@parley/protocol';
import type { UserId } from '../history/history-store.ts';
import { invariant } from './errors.ts';
import type { Room } from './room.ts';
import type { Membership, Session } from './session.ts';

/** A file for the two of a conversation. */
// CHAT-SEND-1
export interface SentFile {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly users: readonly UserId[];
}

/** A transfer from its request to its end. */
export interface Transfer {
  readonly transferId: TransferId;
  readonly requestId: number;
  /** A path to download, or the name of what is uploaded. */
  readonly name: FilePath;
  /** Who is told, and by whom, when an upload has come to a good end. */
  readonly announcement:
    | {
        readonly room: Room;
        readonly author: Membership;
        /** Who may have it, when it is not for everybody. */
        readonly sent: SentFile | undefined;
      }
    | undefined;
  /** Who asked; `undefined` when that session has ended. */
  session: Session | undefined;
  /** *opening* until the file is hashed and the ticket is known to the host, then *offered*, then *running*. */
  state: 'opening' | 'offered' | 'running';
}

/** All transfers, also those whose client has gone and whose end the host has not confirmed. */
export class TransferRegistry {
  readonly #transfers = new Map<TransferId, Transfer>();
  #lastTransferId = 0;

  get size(): number {
    return this.#transfers.size;
  }

  open(session: Session, request: Pick<Transfer, 'requestId' | 'name' | 'announcement'>): Transfer {
    this.#lastTransferId += 1;
    const transferId = this.#lastTransferId as TransferId;
    const transfer: Transfer = { transferId, ...request, session, state: 'opening' };
    this.#transfers.set(transferId, transfer);
    session.transfers.add(transfer);
    return transfer;
  }

  find(transferId: TransferId): Transfer | undefined {
    return this.#transfers.get(transferId);
  }

  end(transfer: Transfer): void {
    invariant(this.#transfers.delete(transfer.transferId), 'a transfer ends once');
    transfer.session?.transfers.delete(transfer);
  }
}
