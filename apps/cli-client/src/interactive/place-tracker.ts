import { type ClientNotification, describeSessionEnd, type ParleyClient } from '@parley/client-core';
import type { ConnectionView, PlaceView, RoleMark } from '../view/place.ts';
import { RoleBook } from './role-book.ts';
import type { UnsentLines } from './unsent-lines.ts';

/** In this order users are listed. */
const RANKS: Readonly<Record<RoleMark | 'member', number>> = { owner: 0, moderator: 1, member: 2 };

/** Follows where the user is and how good the connection is. */
export class PlaceTracker {
  /** The room in front of the user; undefined before the first. */
  room: string | undefined;
  readonly unsent: UnsentLines;
  readonly #client: ParleyClient;
  /** The server, as the user wrote it. */
  readonly address: string;
  readonly #roles: RoleBook | undefined;
  #users: readonly string[] | undefined;
  #usersRoom: string | undefined;
  #lost: { readonly retryAt: number; readonly why: string } | undefined;
  #roundTripMs: number | undefined;
  #askedAt: number | undefined;

  constructor(
    client: ParleyClient,
    address: string,
    unsent: UnsentLines,
    /** Called when roles make the place look different; where they are not shown, they are not asked for. */
    onRoles: (() => void) | undefined,
  ) {
    this.#client = client;
    if (onRoles) {
      this.#roles = new RoleBook(client, () => {
        this.#users = undefined;
        onRoles();
      });
    }
    this.address = address;
    this.unsent = unsent;
  }

  /** The connection was lost, and is not back. */
  get isCutOff(): boolean {
    return this.#lost !== undefined;
  }

  /** Something happened; gives whether the place looks different now. Messages alone change nothing but counts. */
  handle(notification: ClientNotification): boolean {
    this.#roles?.handle(notification);
    switch (notification.type) {
      case 'room-entered':
        if (!notification.room.isDirect) this.room ??= notification.room.room;
        break;
      case 'room-left':
        if (notification.room === this.room) this.room = this.#client.rooms[0]?.room;
        break;
      case 'users-changed':
      case 'user-joined':
      case 'user-left':
        this.#users = undefined;
        break;
      case 'connection-lost': {
        const { retryAfterMs, end } = notification;
        this.#lost = { retryAt: Date.now() + retryAfterMs, why: describeSessionEnd(end) };
        this.#roundTripMs = undefined;
        break;
      }
      case 'reconnected':
        this.#lost = undefined;
        break;
      case 'message':
        return notification.message.isOwn;
      case 'transfer-changed':
        return false;
      default:
        break;
    }
    return true;
  }

  /** Measures the round trip, one question at a time. */
  async measure(): Promise<void> {
    if (this.#askedAt !== undefined || this.#client.state !== 'registered') return;
    this.#askedAt = Date.now();
    try {
      this.#roundTripMs = await this.#client.measureRoundTrip();
    } catch {
      // The connection is away: that is shown already.
    } finally {
      this.#askedAt = undefined;
    }
  }

  readonly view = (): PlaceView => {
    const { nickname, rooms } = this.#client;
    return {
      nickname,
      address: this.address,
      connection: this.#connection(),
      room: this.room,
      rooms,
      users: this.#usersHere(),
      roles: this.#roles?.in(this.room) ?? new Map(),
      unsent: this.unsent.view(this.#client, Date.now()),
    };
  };

  /** Those in charge first; sorted once for each change, not once for each picture. */
  #usersHere(): readonly string[] {
    if (this.#users === undefined || this.#usersRoom !== this.room) {
      const roles = this.#roles?.in(this.room);
      const names = this.#client.roomUsers(this.room).map(({ nickname }) => {
        const key = nickname.toLowerCase();
        return { nickname, key, rank: RANKS[roles?.get(key) ?? 'member'] };
      });
      names.sort((left, right) => left.rank - right.rank || left.key.localeCompare(right.key, 'en'));
      this.#users = names.map(({ nickname }) => nickname);
      this.#usersRoom = this.room;
    }
    return this.#users;
  }

  #connection(): ConnectionView {
    const { state } = this.#client;
    if (state === 'closed' || state === 'leaving') return { state: 'closed' };
    if (this.#lost) return { state: 'reconnecting', ...this.#lost };
    if (state !== 'registered') return { state: this.#client.server ? 'greeted' : 'connecting' };
    const waitingMs = this.#askedAt === undefined ? undefined : Date.now() - this.#askedAt;
    return { state: 'connected', roundTripMs: this.#roundTripMs, waitingMs };
  }
}
