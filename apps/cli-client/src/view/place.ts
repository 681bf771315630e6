/** How it is with the connection. */
export type ConnectionView =
  | { readonly state: 'connecting' }
  /** The server is known and answers; nobody has come in yet. */
  | { readonly state: 'greeted' }
  | {
      readonly state: 'connected';
      readonly roundTripMs: number | undefined;
      /** A question has been waiting for its answer for so long; undefined while none waits. */
      readonly waitingMs: number | undefined;
    }
  /** Cut off; `retryAt` is the next try, in milliseconds since 1970. */
  | { readonly state: 'reconnecting'; readonly retryAt: number; readonly why: string }
  | { readonly state: 'closed' };

/** What somebody is in a room, where that is more than a member. */
export type RoleMark = 'owner' | 'moderator';

/** The sign before the nickname of somebody in charge, as IRC has it. */
export const ROLE_SIGNS: Readonly<Record<RoleMark, string>> = { owner: '~', moderator: '@' };

/** A room that the user is in. */
interface RoomPlace {
  readonly room: string;
  /** The other one of a conversation of two. */
  readonly peer: string | undefined;
  readonly topic: string;
  readonly members: number;
}

/** Something that the user said and that is not in the log. */
export interface UnsentLine {
  readonly room: string;
  readonly text: string;
  readonly time: number;
  /** Why it was refused; undefined while it waits for the server. */
  readonly problem: string | undefined;
}

/** Where the user is, with whom, and how well that works. */
export interface PlaceView {
  readonly nickname: string | undefined;
  /** The server, as the user wrote it. */
  readonly address: string;
  readonly connection: ConnectionView;
  /** The room in front of the user. */
  readonly room: string | undefined;
  /** All rooms that the user is in, in the order of entering. */
  readonly rooms: readonly RoomPlace[];
  /** Who is in the room in front of the user. */
  readonly users: readonly string[];
  /** Who is in charge of it, by nickname in lower case. */
  readonly roles: ReadonlyMap<string, RoleMark>;
  readonly unsent: readonly UnsentLine[];
}
