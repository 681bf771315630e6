/** Number of each state of a transfer that a room is told of, on the wire (CHAT-PROGRESS-1). */
export const PROGRESS_STATES = {
  /** A state that this side does not know, from a newer peer. */
  unknown: 0,
  /** It is under way, or waits to go on. */
  moving: 1,
  /** All of it is where it was to go. */
  completed: 2,
  /** Its user has ended it. */
  stopped: 3,
  /** It could not go on. */
  failed: 4,
} as const;

/** How a transfer is doing, for a room. */
export type ProgressState = keyof typeof PROGRESS_STATES;

/** Number of each direction of a transfer on the wire (CHAT-PROGRESS-2). */
export const TRANSFER_DIRECTIONS = {
  /** A direction that this side does not know, from a newer server. */
  unknown: 0,
  /** From the server. */
  download: 1,
  /** To the server. */
  upload: 2,
} as const;

/** Where the bytes of a transfer go. */
export type TransferDirection = keyof typeof TRANSFER_DIRECTIONS;
