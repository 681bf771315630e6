import type { KeyEvent } from '../input/key-decoder.ts';
import type { Entry, EntryContent, ProgressContent } from '../view/entry.ts';
import type { PlaceView } from '../view/place.ts';
import { type Listing, listingKey, renewed } from './listing.ts';
import { listingOf } from './listings.ts';
import { Notifier } from './notifier.ts';
import { RoomPage } from './room-page.ts';
import { type ScreenAction, screenAction } from './screen-keys.ts';
import { scrollBy, type Viewport } from './scroll.ts';
import type { Wish } from './wish.ts';

/** Panes that are folded away or not; undefined: as the width of the screen says. */
export interface Panes {
  readonly rooms: boolean | undefined;
  readonly users: boolean | undefined;
  readonly transfers: boolean | undefined;
}

/** Rows that stay in sight when a page is turned. */
const PAGE_OVERLAP_ROWS = 2;

/** Before a room is entered, what happens has its place here. */
const NOWHERE = '';

/**
 * The full screen as data: rooms with their logs, where the user reads, what is folded away, a list to choose from. Feed it
 * what happens and the keys; then `pollWish` says what the program has to do. It draws nothing.
 */
export class Workspace {
  readonly notifier: Notifier;
  readonly #pages = new Map<string, RoomPage>([[NOWHERE, new RoomPage()]]);
  readonly #wishes: Wish[] = [];
  /** Up to where the user has read, as far as nobody was told. */
  readonly #readMarks = new Map<string, number>();
  /** Up to where the user has read, as the server told. */
  readonly #markers = new Map<string, number>();
  #rooms: readonly string[] = [];
  #room = NOWHERE;
  #panes: Panes = { rooms: undefined, users: undefined, transfers: undefined };
  #isCopying = false;
  #listing: Listing | undefined;
  #isShown: Readonly<Record<keyof Panes, boolean>> = { rooms: false, users: false, transfers: true };
  #viewport: Viewport = { height: 1, rowsOf: () => 1 };

  constructor(notifier = new Notifier({ rule: 'none', desktop: 'none' })) {
    this.notifier = notifier;
  }

  /** The room in front of the user; empty before there is one. */
  get room(): string {
    return this.#room;
  }

  get page(): RoomPage {
    return this.#pageOf(this.#room);
  }

  get panes(): Panes {
    return this.#panes;
  }

  get isCopying(): boolean {
    return this.#isCopying;
  }

  get listing(): Listing | undefined {
    return this.#listing;
  }

  /** The newest of the room is before the user's eyes. */
  get isFollowing(): boolean {
    return this.#listing === undefined && this.page.place === undefined && !this.page.log.isDetached;
  }

  /** What waits in a room. */
  activityOf(room: string): { readonly unread: number; readonly mentions: number } {
    const { unread = 0, mentions = 0 } = this.#pages.get(room) ?? {};
    return { unread, mentions };
  }

  /** What was begun in the rooms that are not in front of the user. */
  get drafts(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#pages].map(([room, page]) => [room, page.draft]));
  }

  restoreDrafts(drafts: Readonly<Record<string, string>>): void {
    for (const [room, draft] of Object.entries(drafts))
      if (room !== this.#room) this.#pageOf(room).draft = draft;
  }

  pollWish(): Wish | undefined {
    return this.#wishes.shift();
  }

  /** A room, and up to where the user has read in it since this was asked last. */
  pollReadMark(): { readonly room: string; readonly sequence: number } | undefined {
    const [first] = this.#readMarks;
    if (first === undefined) return undefined;
    const [room, sequence] = first;
    this.#readMarks.delete(room);
    return { room, sequence };
  }

  /** How the messages were laid out last: scrolling counts rows by it. */
  handleViewport(viewport: Viewport): void {
    this.#viewport = viewport;
  }

  /** Something happened, at `now` (milliseconds since 1970). */
  handleEntry(entry: Entry, now = entry.time): void {
    const listing = listingOf(entry.content);
    if (listing) {
      const before = this.#listing;
      const isSame = before?.view !== undefined && before.view === listing.view;
      this.#listing = isSame ? renewed(before, listing) : listing;
      return;
    }
    // A list that became empty is no list any more.
    if (entry.content.type === 'files' && this.#listing?.view === entry.content.view)
      this.#listing = undefined;
    const room = entry.room ?? this.#room;
    const page = this.#pageOf(room);
    const isSeen = room === this.#room && page.place === undefined && !page.log.isDetached;
    page.append(entry, isSeen);
    this.notifier.handleEntry(entry, isSeen, now);
    if (isSeen && entry.sequence !== undefined) this.#readMarks.set(room, entry.sequence);
  }

  /** What is listed is another now: an open list of that kind shows it, and stays as it was otherwise. */
  handleListed(content: EntryContent): void {
    if (this.#listing?.kind !== content.type) return;
    const now = listingOf(content);
    this.#listing = now && renewed(this.#listing, now);
  }

  /** The user is somewhere else, or the rooms are others. Gives the draft when another room is in front of them. */
  handlePlace(place: PlaceView, typed: string): string | undefined {
    this.#rooms = place.rooms.map(({ room }) => room);
    for (const room of this.#pages.keys()) {
      const isLeft = room !== NOWHERE && room !== this.#room && !this.#rooms.includes(room);
      // What was begun there stays, should the user come back.
      if (isLeft && this.#pageOf(room).draft === '') this.#pages.delete(room);
    }
    const room = place.room ?? this.#room;
    if (room === this.#room) return undefined;
    return this.#show(room, typed);
  }

  /** Entries of the log that were asked for. */
  handleOlder(room: string, entries: readonly Entry[]): void {
    this.#takeIn(room, (log) => log.prepend(entries));
  }

  handleNewer(room: string, entries: readonly Entry[]): void {
    this.#takeIn(room, (log) => log.extend(entries));
  }

  /** The log could not be read: it may be asked for again. */
  handleUnread(room: string): void {
    this.#pageOf(room).isFetching = false;
  }

  /** Shows another part of a room's log, with the entry of that number in sight. */
  showPast(room: string, entries: readonly Entry[], sequence: number): void {
    const page = this.#pageOf(room);
    page.log.showPast(entries);
    page.found = sequence;
    const index = entries.findLastIndex(
      (entry) => entry.sequence !== undefined && entry.sequence <= sequence,
    );
    // A few of what follows are context too.
    const entry = entries[Math.min(entries.length - 1, index + Math.floor(this.#viewport.height / 3))];
    page.place = entry === undefined ? undefined : { entry, hidden: 0 };
  }

  /** A message got another text, or lost it; false when it is not among what is kept. */
  handleChange(room: string, sequence: number, revise: (entry: Entry) => Entry): boolean {
    return this.#pages.get(room)?.log.change(sequence, revise) ?? false;
  }

  /** A transfer of somebody in a room is further; false when there is no line of it. */
  handleProgress(room: string, content: ProgressContent): boolean {
    return this.#pages.get(room)?.showProgress(content) ?? false;
  }

  /** Up to where the user has read a room, 0 when nobody has told. */
  readMarkOf(room: string): number {
    return this.#markers.get(room) ?? 0;
  }

  /** So many messages came into a conversation before this program was started. */
  handleMissed(room: string, count: number): void {
    if (count === 0 || room === this.#room) return;
    const page = this.#pageOf(room);
    page.unread = Math.max(page.unread, count);
    page.mentions = Math.max(page.mentions, count);
  }

  /** On another device the user has read up to here. */
  handleReadMarker(room: string, sequence: number): void {
    this.#markers.set(room, sequence);
    const page = this.#pages.get(room);
    if (page && sequence >= (page.log.newestSequence ?? 0)) page.markRead();
  }

  /** The user said something here: they look at the newest messages. */
  handleSaid(): void {
    this.#listing = undefined;
    this.#followNewest();
    this.page.firstUnread = undefined;
  }

  /** A key that is not the editor's: true when it was taken. While something is typed, the list gets few keys. */
  handleKey(event: KeyEvent, isTyping: boolean): boolean {
    if (event.type === 'key' && (event.name === 'focus-in' || event.name === 'focus-out')) {
      this.notifier.handleFocus(event.name === 'focus-in');
      return true;
    }
    if (this.#listing && (!isTyping || (event.type === 'key' && event.name === 'escape'))) {
      const step = listingKey(event, this.#listing, this.#pageRows);
      if (step !== undefined) {
        this.#listing = step.listing;
        if (step.wish) this.#wishes.push(step.wish);
        return true;
      }
    }
    if (this.#isCopying && event.type === 'key' && event.name === 'escape') {
      this.#isCopying = false;
      return true;
    }
    const action = screenAction(event);
    if (action === undefined) return false;
    this.#act(action);
    return true;
  }

  #act(action: ScreenAction): void {
    if (typeof action === 'object') {
      this.#goTo(this.#rooms[action.roomNumber - 1]);
      return;
    }
    switch (action) {
      case 'scroll-up':
        this.#scroll(this.#pageRows);
        break;
      case 'scroll-down':
        this.#scroll(-this.#pageRows);
        break;
      case 'scroll-end':
        this.#followNewest();
        break;
      case 'previous-room':
        this.#goBy(-1);
        break;
      case 'next-room':
        this.#goBy(1);
        break;
      case 'next-unread':
        if (!this.#goToFirstUnread()) this.#goToNext((page) => page.unread);
        break;
      case 'next-mention':
        this.#goToNext((page) => page.mentions);
        break;
      case 'toggle-copy-mode':
        this.#isCopying = !this.#isCopying;
        break;
      case 'toggle-rooms':
      case 'toggle-users':
      case 'toggle-transfers': {
        const pane = action.slice('toggle-'.length) as keyof Panes;
        this.#panes = { ...this.#panes, [pane]: !this.#isShown[pane] };
        break;
      }
    }
  }

  /** Which panes the last layout showed: a toggle turns what is seen. */
  handleShownPanes(shown: Readonly<Record<keyof Panes, boolean>>): void {
    this.#isShown = shown;
  }

  get #pageRows(): number {
    return Math.max(1, this.#viewport.height - PAGE_OVERLAP_ROWS);
  }

  #scroll(rows: number): void {
    const { page } = this;
    const { log } = page;
    const { place, isAtEdge } = scrollBy(log.entries, page.place, rows, this.#viewport);
    page.place = place;
    if (!isAtEdge || page.isFetching) {
      if (place === undefined && !log.isDetached) this.#markRead();
      return;
    }
    if (rows > 0 && !log.isAtStart && this.#room !== NOWHERE) {
      page.isFetching = true;
      this.#wishes.push({ type: 'read-older', room: this.#room, before: log.oldestSequence });
    }
    if (rows < 0 && log.isDetached) {
      const entry = log.entries.at(-1);
      // Stays at the end of the window until what follows has come.
      page.place = entry && { entry, hidden: 0 };
      page.isFetching = true;
      this.#wishes.push({ type: 'read-newer', room: this.#room, after: log.newestSequence ?? 0 });
    } else if (rows < 0) this.#markRead();
  }

  #followNewest(): void {
    const { page } = this;
    page.log.showTail();
    page.place = undefined;
    page.found = undefined;
    this.#markRead();
  }

  /** Puts what came of the log into a room. What is before the user's eyes then is read. */
  #takeIn(room: string, add: (log: RoomPage['log']) => void): void {
    const page = this.#pageOf(room);
    page.isFetching = false;
    add(page.log);
    if (room === this.#room && this.isFollowing) this.#markRead();
  }

  /** The newest message of the room is before the user's eyes. */
  #markRead(): void {
    const { page } = this;
    page.markRead();
    const sequence = page.log.newestSequence;
    if (sequence !== undefined) this.#readMarks.set(this.#room, sequence);
  }

  #goBy(places: number): void {
    const index = this.#rooms.indexOf(this.#room);
    const count = this.#rooms.length;
    this.#goTo(this.#rooms[(index + places + count) % Math.max(1, count)]);
  }

  /** Where the unread ones begin, if that is above the screen and was not gone to yet; true when it was gone to. */
  #goToFirstUnread(): boolean {
    const { page } = this;
    const { entries } = page.log;
    const { firstUnread } = page;
    const first =
      firstUnread === undefined || page.place !== undefined ? -1 : entries.lastIndexOf(firstUnread);
    if (first < 0) return false;
    const { height, rowsOf } = this.#viewport;
    let rows = 0;
    for (let index = first; index < entries.length; index += 1) {
      const entry = entries[index];
      if (entry === undefined) return false;
      rows += rowsOf(entry, entries[index - 1]);
      if (rows < height) continue;
      const place = { entry, hidden: rows - height };
      const isNewest = index === entries.length - 1 && place.hidden === 0;
      page.place = isNewest ? undefined : place;
      return !isNewest;
    }
    return false;
  }

  /** The next room of the list in which something waits. */
  #goToNext(countOf: (page: RoomPage) => number): void {
    const index = this.#rooms.indexOf(this.#room);
    const others = [...this.#rooms.slice(index + 1), ...this.#rooms.slice(0, Math.max(0, index))];
    this.#goTo(others.find((room) => countOf(this.#pageOf(room)) > 0));
  }

  #goTo(room: string | undefined): void {
    if (room === undefined || room === this.#room) return;
    this.#wishes.push({ type: 'show-room', room });
  }

  #show(room: string, typed: string): string {
    this.page.firstUnread = undefined;
    // What was said before there was a room is read in the first one.
    const before = this.#room === NOWHERE ? this.page.log.entries : [];
    this.page.draft = typed;
    this.#room = room;
    const { page } = this;
    for (const entry of before) page.append(entry, true);
    if (page.place === undefined && !page.log.isDetached) this.#markRead();
    if (!page.hasAsked) {
      page.hasAsked = true;
      page.isFetching = true;
      this.#wishes.push({ type: 'read-older', room, before: page.log.oldestSequence });
    }
    return page.draft;
  }

  #pageOf(room: string): RoomPage {
    let page = this.#pages.get(room);
    if (page === undefined) {
      page = new RoomPage();
      this.#pages.set(room, page);
    }
    return page;
  }
}
