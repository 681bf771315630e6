import { ClientError, type ParleyClient } from '@parley/client-core';
import type { Workspace } from '../workspace/workspace.ts';
import { type LogEntry, presentLogEntry } from './present.ts';
import type { UserInterface } from './user-interface.ts';

/** The server is told up to where the user has read no more often than this. */
const READ_MARK_INTERVAL_MS = 2_000;
/** The round trip is measured this often. */
const MEASURE_INTERVAL_MS = 5_000;
/** While there is something to count down, or to wait for, seconds are shown. */
const CLOCK_INTERVAL_MS = 1_000;

/** What the keeper works with. */
export interface PageKeeperParts {
  readonly client: ParleyClient;
  readonly ui: UserInterface;
  readonly workspace: Workspace;
  readonly measure: () => Promise<void>;
  /** Puts a room in front of the user. */
  readonly show: (room: string) => void;
}

/** Does what the pages of a full screen wish for: fetches the past, tells what was read. Gives what ends it. */
export function keepPages(parts: PageKeeperParts): () => void {
  const { client, ui, workspace } = parts;
  let isServing = false;
  const serve = () => {
    // Showing a room makes wishes of its own.
    if (isServing) return;
    isServing = true;
    for (let wish = workspace.pollWish(); wish; wish = workspace.pollWish()) {
      switch (wish.type) {
        case 'show-room':
          parts.show(wish.room);
          break;
        case 'enter':
          ui.enterLine(wish.line);
          break;
        case 'draft':
          ui.setDraft(wish.text);
          break;
        case 'read-older':
          void readOlder(parts, wish.room, wish.before);
          break;
        case 'read-newer':
          void readNewer(parts, wish.room, wish.after);
          break;
      }
    }
    isServing = false;
  };
  ui.onWish(serve);
  serve();
  const tellRead = () => {
    if (client.state !== 'registered') return;
    for (let mark = workspace.pollReadMark(); mark; mark = workspace.pollReadMark()) {
      // Who has just left the room, or was cut off, has not read less for that.
      client.markRead(mark.room, mark.sequence).catch(() => {});
    }
  };
  void parts.measure();
  const timers = [
    setInterval(tellRead, READ_MARK_INTERVAL_MS),
    setInterval(() => void parts.measure(), MEASURE_INTERVAL_MS),
    setInterval(() => ui.placeChanged(), CLOCK_INTERVAL_MS),
  ];
  return () => {
    for (const timer of timers) clearInterval(timer);
    tellRead();
  };
}

async function readOlder(parts: PageKeeperParts, room: string, before: number | undefined): Promise<void> {
  const { client, workspace } = parts;
  await withPage(parts, room, client.history(room, before), (entries) =>
    workspace.handleOlder(room, entries),
  );
}

async function readNewer(parts: PageKeeperParts, room: string, after: number): Promise<void> {
  const { client, workspace } = parts;
  await withPage(parts, room, client.historyAfter(room, after), (entries) =>
    workspace.handleNewer(room, entries),
  );
}

async function withPage(
  { client, ui, workspace }: PageKeeperParts,
  room: string,
  reading: Promise<readonly LogEntry[]>,
  take: (entries: ReturnType<typeof presentLogEntry>[]) => void,
): Promise<void> {
  try {
    const page = await reading;
    const info = client.room(room);
    if (info) take(page.map((entry) => presentLogEntry(entry, info, client.nickname)));
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    workspace.handleUnread(room);
    if (error.code !== 'connection-ended') {
      ui.show({ type: 'error', text: `older messages cannot be read: ${error.message}` }, { room });
    }
  }
  ui.placeChanged();
}
