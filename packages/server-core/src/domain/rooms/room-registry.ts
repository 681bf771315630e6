import {
  type NicknameKey,
  nicknameKey,
  parseRoomName,
  parseRoomReference,
  type RoomName,
  roomNameKey,
} from '@parley/protocol';
import type { NewRoom, StoredRoom, UserId } from '../../history/history-store.ts';
import { DeadlineQueue } from '../deadline-queue.ts';
import { invariant } from '../errors.ts';
import { Room } from './room.ts';

/** Name of the room that every server has, and in which everybody begins. */
const LOBBY = lobbyName();

/** The lobby of a server whose store has none yet. */
export function newLobby(epoch: number, createdAt: number): NewRoom {
  return { name: LOBBY, key: roomNameKey(LOBBY), kind: 'public', users: [], topic: '', epoch, createdAt };
}

/** All rooms: by name, by the users of conversations, by when their `presence` is due. */
export class RoomRegistry {
  readonly lobby: Room;
  readonly #rooms = new Map<string, Room>();
  readonly #byName = new Map<string, Room>();
  readonly #directByUser = new Map<UserId, Set<Room>>();
  readonly #beingMade = new Set<NewRoom>();
  readonly #presences = new DeadlineQueue<Room>();
  readonly #presenceIntervalMs: number;
  #directCount = 0;
  #lastRank = 0;

  constructor(stored: readonly StoredRoom[], options: { readonly presenceIntervalMs: number }) {
    this.#presenceIntervalMs = options.presenceIntervalMs;
    for (const room of stored) this.add(room);
    const lobby = this.#rooms.get(roomNameKey(LOBBY));
    invariant(lobby !== undefined, 'the store has a lobby');
    this.lobby = lobby;
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Conversations of two, those that are being made included. */
  get directCount(): number {
    return this.#directCount + this.#countBeingMade(({ kind }) => kind === 'direct');
  }

  /** Public rooms, those that are being made included. */
  get publicCount(): number {
    return this.#rooms.size - this.#directCount + this.#countBeingMade(({ kind }) => kind === 'public');
  }

  /** Conversations that a user is one of the two of, those that are being made included. */
  directCountOf(userId: UserId): number {
    const isTheirs = ({ users }: NewRoom) => users.some((user) => user.userId === userId);
    return this.directOf(userId).size + this.#countBeingMade(isTheirs);
  }

  /** When a `presence` is due next. */
  get nextDeadline(): number | undefined {
    return this.#presences.next;
  }

  /** A room is being written: it counts until `end`, and then as long as it is there. */
  begin(room: NewRoom): void {
    this.#beingMade.add(room);
  }

  end(room: NewRoom): void {
    this.#beingMade.delete(room);
  }

  /** Takes over a room that the store has. */
  add(stored: StoredRoom): Room {
    invariant(!this.#rooms.has(stored.key), 'a room is added once');
    this.#lastRank += 1;
    const room = new Room(stored, this.#lastRank);
    this.#rooms.set(room.key, room);
    this.#byName.set(room.name, room);
    if (room.kind !== 'direct') return room;
    this.#directCount += 1;
    for (const { userId } of room.parties) {
      const rooms = this.#directByUser.get(userId) ?? new Set();
      this.#directByUser.set(userId, rooms.add(room));
    }
    return room;
  }

  /** The room that a client means by a name it typed or was told. */
  find(name: string): Room | undefined {
    // A program sends the name that it was told; only what people type has to be folded.
    const room = this.#byName.get(name);
    if (room !== undefined) return room;
    const parsed = parseRoomReference(name);
    return parsed.ok ? this.#rooms.get(roomNameKey(parsed.value)) : undefined;
  }

  byKey(key: string): Room | undefined {
    return this.#rooms.get(key);
  }

  /** Conversations of a user. */
  directOf(userId: UserId): ReadonlySet<Room> {
    return this.#directByUser.get(userId) ?? new Set();
  }

  /** The conversation of a user with somebody of that name, whether that one is here or not. */
  directWith(userId: UserId, peer: NicknameKey): Room | undefined {
    for (const room of this.directOf(userId)) {
      const nickname = room.peerOf(userId);
      if (nickname !== undefined && nicknameKey(nickname) === peer) return room;
    }
    return undefined;
  }

  /** Up to `limit` public rooms made after the one of rank `afterRank`, in the order of creation. */
  // CHAT-LIST-5
  page(
    afterRank: number,
    limit: number,
  ): { readonly rooms: readonly Room[]; readonly nextAfterRank: number | undefined } {
    const rooms: Room[] = [];
    for (const room of this.#rooms.values()) {
      if (room.rank <= afterRank || room.kind !== 'public') continue;
      if (rooms.length === limit) return { rooms, nextAfterRank: rooms.at(-1)?.rank };
      rooms.push(room);
    }
    return { rooms, nextAfterRank: undefined };
  }

  /** Sees to it that the members hear of a change soon, and of all changes of the next while at once. */
  // CHAT-PRESENCE-1
  schedulePresence(room: Room, now: number): void {
    if (room.deadlineIndex >= 0) return;
    this.#presences.schedule(room, Math.max(now, room.presenceAt + this.#presenceIntervalMs));
  }

  /** A room whose members have to be told now. */
  duePresence(now: number): Room | undefined {
    const room = this.#presences.due(now);
    if (room !== undefined) this.#presences.remove(room);
    return room;
  }

  all(): IterableIterator<Room> {
    return this.#rooms.values();
  }

  #countBeingMade(isCounted: (room: NewRoom) => boolean): number {
    let count = 0;
    for (const room of this.#beingMade) if (isCounted(room)) count += 1;
    return count;
  }
}

function lobbyName(): RoomName {
  const parsed = parseRoomName('lobby');
  invariant(parsed.ok, 'lobby is a room name');
  return parsed.value;
}
