import type { ServerMessageOf } from '@parley/protocol';

/**
 * How far a transfer of somebody in a room is. `line`, `name` and `nickname` together tell it from others; the figures (bytes, bytes a second) are
 * what that one's client says.
 */
// CHAT-PROGRESS-2, CHAT-PROGRESS-4
export type RoomProgress = Omit<ServerMessageOf<'progress'>, 'type'>;
