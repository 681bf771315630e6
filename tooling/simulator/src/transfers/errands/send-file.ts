import type { RoomInfo } from '@parley/client-core';
import type { Settlement } from '../../chat/program.ts';
import type { Inbox } from '../checkers/inbox.ts';
import type { ClientProgram } from '../client-program.ts';
import type { Sources } from '../sources.ts';
import { PutFile } from './put-file.ts';

/** Wants to send a file to another user. */
export class SendFile extends PutFile {
  readonly #recipient: string;
  /** Under which ids it was there when the user was told that it is sent. */
  #sentIds: readonly string[] = [];

  constructor(
    inbox: Inbox,
    file: { readonly name: string; readonly sources: Sources; readonly recipient: string },
  ) {
    super(inbox, { ...file, isTold: true });
    this.#recipient = file.recipient;
  }

  override get title(): string {
    return `/send ${this.#recipient} ${this.name}`;
  }

  override ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void {
    program.command({ type: 'open-direct', nickname: this.#recipient }, (settlement) => {
      if (settlement.isOk) this.command(program, (settlement.result as RoomInfo).room, onSettled);
      else onSettled(settlement);
    });
  }

  handleDone(): void {
    this.#sentIds = this.inbox.sentIdsOf(this.name);
  }

  override troubleAfterDone(): string | undefined {
    if (this.#sentIds.length === 0) return `the server has no ${this.name} for ${this.#recipient}`;
    return this.#sentIds.some((id) => this.inbox.isSentLost(id))
      ? `the server has lost ${this.name} for ${this.#recipient}`
      : undefined;
  }
}
