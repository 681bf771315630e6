import { parseRoomName, type RoomName, roomNameKey } from '@parley/protocol';
import { invariant } from './errors.ts';
import { Room } from './room.ts';

/** Name of the room that every server has, and in which everybody is. */
const LOBBY = lobbyName();

/** All rooms by name. */
export class RoomRegistry {
  readonly #rooms = new Map<string, Room>();
  readonly lobby: Room;

  constructor(options: { readonly epoch: number; readonly historyMessagesMax: number }) {
    this.lobby = new Room({ name: LOBBY, ...options });
    this.#rooms.set(roomNameKey(LOBBY), this.lobby);
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** The room that a client means by a name it typed. */
  find(typedName: string): Room | undefined {
    const name = parseRoomName(typedName);
    return name.ok ? this.#rooms.get(roomNameKey(name.value)) : undefined;
  }

  all(): IterableIterator<Room> {
    return this.#rooms.values();
  }
}

function lobbyName(): RoomName {
  const parsed = parseRoomName('lobby');
  invariant(parsed.ok, 'lobby is a room name');
  return parsed.value;
}
