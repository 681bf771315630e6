import { PROGRESS_SILENT_MS, type RoomProgress } from '@parley/client-core';
import type { ProgressContent } from '../view/entry.ts';
import { SENT_PREFIX } from '../view/transfer-name.ts';
import type { UserInterface } from './user-interface.ts';

interface Line {
  readonly room: string;
  readonly content: ProgressContent;
  readonly silence: NodeJS.Timeout;
}

/**
 * Shows what a room is told of transfers: where rooms have pages, one line for each that changes in place; where everything is one stream, its begin
 * and its end.
 */
// CHAT-PROGRESS-4
export class RoomProgressLines {
  readonly #ui: Pick<UserInterface, 'show' | 'placeChanged' | 'workspace'>;
  readonly #shownRoom: () => string | undefined;
  readonly #lines = new Map<string, Line>();

  /** `shownRoom` is the one in front of the user. */
  constructor(
    ui: Pick<UserInterface, 'show' | 'placeChanged' | 'workspace'>,
    shownRoom: () => string | undefined,
  ) {
    this.#ui = ui;
    this.#shownRoom = shownRoom;
  }

  handle({ room, nickname, line, name, direction, state, ...figures }: RoomProgress): void {
    if (state === 'unknown') return;
    const content: ProgressContent = {
      type: 'progress',
      line: `${nickname} ${line} ${name}`,
      nickname,
      isUpload: direction === 'upload',
      name: name.replace(SENT_PREFIX, ''),
      state,
      ...figures,
    };
    this.#show(room, content);
  }

  /** Who is not in the room any more has nothing to tell there. */
  handleLeft(room: string, nickname: string): void {
    for (const { content, ...line } of [...this.#lines.values()]) {
      if (line.room !== room || content.nickname !== nickname) continue;
      this.#show(room, { ...content, state: 'stopped' });
    }
  }

  /** Nothing is waited for any more. */
  close(): void {
    for (const { silence } of this.#lines.values()) clearTimeout(silence);
    this.#lines.clear();
  }

  #show(room: string, content: ProgressContent): void {
    const key = `${room} ${content.line}`;
    const before = this.#lines.get(key);
    clearTimeout(before?.silence);
    if (content.state !== 'moving') this.#lines.delete(key);
    else {
      const silence = setTimeout(() => this.#show(room, { ...content, state: 'silent' }), PROGRESS_SILENT_MS);
      this.#lines.set(key, { room, content, silence: silence.unref() });
    }
    const { workspace } = this.#ui;
    if (before !== undefined && workspace?.handleProgress(room, content) === true) {
      this.#ui.placeChanged();
      return;
    }
    const isNews = before === undefined || content.state !== 'moving';
    if (workspace !== undefined || (isNews && room === this.#shownRoom())) this.#ui.show(content, { room });
  }
}
