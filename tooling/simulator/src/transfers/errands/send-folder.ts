import type { RoomInfo, Transfer, TransferFailureCode } from '@parley/client-core';
import { STAGING_NAME } from '@parley/folders';
import type { Settlement } from '../../chat/program.ts';
import type { Inbox } from '../checkers/inbox.ts';
import type { ClientProgram } from '../client-program.ts';
import type { Sources } from '../sources.ts';
import { PutFolder } from './put-folder.ts';
import type { Recipient } from './send-file.ts';

/** Wants to send a folder to another user. */
export class SendFolder extends PutFolder {
  readonly #recipient: Recipient;
  /** Under which ids it was there when the user was told that it is sent. */
  #sentIds: readonly string[] = [];

  constructor(
    inbox: Inbox,
    folder: { readonly name: string; readonly sources: Sources; readonly recipient: Recipient },
  ) {
    super(inbox, folder);
    this.#recipient = folder.recipient;
  }

  override get title(): string {
    return `/send ${this.#recipient.nickname} ${this.sourceName}/`;
  }

  override ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void {
    program.command({ type: 'open-direct', nickname: this.#recipient.nickname }, (settlement) => {
      if (settlement.isOk) this.command(program, (settlement.result as RoomInfo).room, onSettled);
      else onSettled(settlement);
    });
  }

  /** Each has a place of its own. */
  // CHAT-WITHDRAWN-2
  override isEndedBy(code: TransferFailureCode | undefined): boolean {
    return code === 'user-not-found' && this.#recipient.isGone();
  }

  override handleDone(transfer: Transfer): void {
    super.handleDone(transfer);
    this.#sentIds = this.inbox.sentIdsOf(this.sourceName);
  }

  override troubleAfterDone(): string | undefined {
    if (this.#sentIds.length === 0)
      return `the server has no ${this.sourceName}/ for ${this.#recipient.nickname}`;
    for (const id of this.#sentIds) {
      if (this.inbox.isSentLost(id)) {
        return `the server has lost ${this.sourceName}/ for ${this.#recipient.nickname}`;
      }
      if (!this.inbox.isSentThere(id)) continue;
      const missing = this.wanted.filter((path) => this.inbox.findSent(id, path) === undefined);
      if (missing.length > 0)
        return `of ${this.sourceName}/ for ${this.#recipient.nickname} ${missing.join(' ')} is missing`;
    }
    return undefined;
  }

  /** What somebody may fetch is all of it, and nothing else. */
  override leftovers(): readonly string[] {
    return this.#sentIds.filter((id) => this.inbox.findSent(id, STAGING_NAME) !== undefined);
  }
}
