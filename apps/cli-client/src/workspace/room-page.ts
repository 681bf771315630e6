import type { Entry, ProgressContent } from '../view/entry.ts';
import { mergeEntries } from './merge-entries.ts';
import { RoomLog } from './room-log.ts';
import type { ReadingPlace } from './scroll.ts';

/** One room as its reader left it: its log, where they read, what they have not seen. */
export class RoomPage {
  readonly log = new RoomLog();
  /** Undefined: the newest entry is followed. */
  place: ReadingPlace | undefined;
  /** Messages that came while the room was not in front of the user. */
  unread = 0;
  /** Those of them that name the user or are for them alone. */
  mentions = 0;
  /** The first message that was not seen, as long as the room is not left again. */
  firstUnread: Entry | undefined;
  /** The number of the message that the user went to. */
  found: number | undefined;
  /** A page of the log is on its way. */
  isFetching = false;
  /** The log was asked for. */
  hasAsked = false;
  /** What was being typed when the user went elsewhere. */
  draft = '';

  /** Takes an entry over; `isSeen` when the user has it before their eyes. */
  append(entry: Entry, isSeen: boolean): void {
    const { content } = entry;
    const { newest } = this.log;
    // Who looks back holds on to entries as they are.
    const merged = this.place === undefined && newest !== undefined ? mergeEntries(newest, entry) : undefined;
    if (merged === undefined) this.log.append(entry, this.place !== undefined);
    else this.log.replaceNewest(merged);
    if (isSeen || (content.type !== 'message' && content.type !== 'direct') || content.isOwn) return;
    if (this.unread === 0) this.firstUnread = entry;
    this.unread += 1;
    if (content.type === 'direct' || content.isMention) this.mentions += 1;
  }

  /** A transfer of somebody is further, and its line changes where it stands; false when it has none. */
  showProgress(content: ProgressContent): boolean {
    const isIt = (entry: Entry) => entry.content.type === 'progress' && entry.content.line === content.line;
    return this.log.revise(isIt, (entry) => {
      const now = { ...entry, content };
      // Who reads just there goes on reading there.
      if (this.place?.entry === entry) this.place = { ...this.place, entry: now };
      if (this.firstUnread === entry) this.firstUnread = now;
      return now;
    });
  }

  /** The user has seen everything. */
  markRead(): void {
    this.unread = 0;
    this.mentions = 0;
  }
}
