import { ClientError, type ClientNotification, type ParleyClient } from '@parley/client-core';
import type { RoleMark } from '../view/place.ts';

/** Who is in charge of the rooms where the user is, kept up with what the server tells. */
// CHAT-ROLE-5
export class RoleBook {
  readonly #client: ParleyClient;
  readonly #onChange: () => void;
  readonly #rooms = new Map<string, Map<string, RoleMark>>();

  constructor(client: ParleyClient, onChange: () => void) {
    this.#client = client;
    this.#onChange = onChange;
  }

  /** The roles of a room by nickname, in lower case. */
  in(room: string | undefined): ReadonlyMap<string, RoleMark> {
    return this.#rooms.get(room ?? '') ?? new Map();
  }

  handle(notification: ClientNotification): void {
    switch (notification.type) {
      // Roles are for those who have come in to ask for.
      case 'registered':
      case 'reconnected':
        for (const { room, isDirect } of this.#client.rooms) if (!isDirect) void this.#ask(room);
        break;
      case 'room-entered': {
        const { room, isDirect } = notification.room;
        if (!isDirect && this.#client.state === 'registered') void this.#ask(room);
        break;
      }
      case 'room-left':
        this.#rooms.delete(notification.room);
        break;
      case 'role-changed': {
        const { room, nickname, role } = notification;
        const marks = new Map(this.in(room));
        marks.delete(nickname.toLowerCase());
        if (isMark(role)) marks.set(nickname.toLowerCase(), role);
        this.#set(room, marks);
        break;
      }
      default:
        break;
    }
  }

  async #ask(room: string): Promise<void> {
    try {
      this.#set(room, await rolesIn(this.#client, room));
    } catch (error) {
      // A room without marks is as good as before.
      if (!(error instanceof ClientError)) throw error;
    }
  }

  #set(room: string, marks: Map<string, RoleMark>): void {
    this.#rooms.set(room, marks);
    this.#onChange();
  }
}

/** Asks who is in charge of a room; by nickname, in lower case. */
export async function rolesIn(client: ParleyClient, room: string): Promise<Map<string, RoleMark>> {
  const { roles } = await client.moderation.roles(room);
  return new Map(
    roles.flatMap(({ nickname, role }) => (isMark(role) ? [[nickname.toLowerCase(), role] as const] : [])),
  );
}

function isMark(role: string): role is RoleMark {
  return role === 'owner' || role === 'moderator';
}
