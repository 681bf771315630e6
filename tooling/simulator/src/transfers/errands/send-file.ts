import type { RoomInfo, TransferFailureCode } from '@parley/client-core';
import type { Settlement } from '../../chat/program.ts';
import type { Inbox } from '../checkers/inbox.ts';
import type { ClientProgram } from '../client-program.ts';
import type { Sources } from '../sources.ts';
import { PutFile } from './put-file.ts';

/** Whom something is sent to. */
export interface Recipient {
  readonly nickname: string;
  /** The account is deleted. */
  readonly isGone: () => boolean;
}

/** Wants to send a file to another user. */
export class SendFile extends PutFile {
  readonly #recipient: Recipient;
  /** Under which ids it was there when the user was told that it is sent. */
  #sentIds: readonly string[] = [];

  constructor(
    inbox: Inbox,
    file: { readonly name: string; readonly sources: Sources; readonly recipient: Recipient },
  ) {
    super(inbox, { ...file, isTold: true });
    this.#recipient = file.recipient;
  }

  override get title(): string {
    return `/send ${this.#recipient.nickname} ${this.name}`;
  }

  override ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void {
    program.command({ type: 'open-direct', nickname: this.#recipient.nickname }, (settlement) => {
      if (settlement.isOk) this.command(program, (settlement.result as RoomInfo).room, onSettled);
      else onSettled(settlement);
    });
  }

  // CHAT-WITHDRAWN-2
  override isEndedBy(code: TransferFailureCode | undefined): boolean {
    return super.isEndedBy(code) || (code === 'user-not-found' && this.#recipient.isGone());
  }

  handleDone(): void {
    this.#sentIds = this.inbox.sentIdsOf(this.name);
  }

  override troubleAfterDone(): string | undefined {
    if (this.#sentIds.length === 0) return `the server has no ${this.name} for ${this.#recipient.nickname}`;
    return this.#sentIds.some((id) => this.inbox.isSentLost(id))
      ? `the server has lost ${this.name} for ${this.#recipient.nickname}`
      : undefined;
  }
}
