/** What a transfer is doing. */
export type TransferState =
  /** In the queue: others are open. */
  | 'waiting'
  /** The server was asked for the file and prepares it. */
  | 'requested'
  /** The server offered the file; the UDP connection is being made. */
  | 'connecting'
  /** Bytes arrive. */
  | 'running'
  /** Stopped by the user, to be resumed. */
  | 'paused'
  /** All bytes are there, their SHA-256 is being computed. */
  | 'verifying'
  /** The file is under its final name, verified. */
  | 'completed'
  /** Over without a file; the failure says why. */
  | 'failed'
  /** Over without a file because the user wanted it so. */
  | 'cancelled';

/** What moves a transfer from one state to another. */
export type TransferTrigger =
  | 'turn-came'
  | 'offered'
  | 'bytes-flow'
  | 'paused'
  | 'resumed'
  | 'bytes-complete'
  | 'completed'
  | 'failed'
  | 'cancelled';

const ends = { failed: 'failed', cancelled: 'cancelled' } as const;

/** The state machine of a transfer. What is not in the table changes nothing. */
const TRANSFER_TRANSITIONS: Readonly<
  Record<TransferState, Readonly<Partial<Record<TransferTrigger, TransferState>>>>
> = {
  waiting: { 'turn-came': 'requested', ...ends },
  requested: { offered: 'connecting', ...ends },
  connecting: {
    'bytes-flow': 'running',
    paused: 'paused',
    'bytes-complete': 'verifying',
    completed: 'completed',
    ...ends,
  },
  running: { paused: 'paused', 'bytes-complete': 'verifying', completed: 'completed', ...ends },
  // Bytes that were on their way still arrive here: they do not make it run again.
  paused: {
    resumed: 'running',
    'bytes-complete': 'verifying',
    completed: 'completed',
    ...ends,
  },
  verifying: { completed: 'completed', ...ends },
  completed: {},
  failed: {},
  cancelled: {},
};

/** The state after a trigger; undefined when it has no place in this state. */
export function nextTransferState(state: TransferState, trigger: TransferTrigger): TransferState | undefined {
  return TRANSFER_TRANSITIONS[state][trigger];
}

/** Nothing more will happen to the transfer. */
export function isTransferOver(state: TransferState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

/** The server holds a ticket, a connection or a request of this transfer. */
export function isTransferOpen(state: TransferState): boolean {
  return !isTransferOver(state) && state !== 'waiting';
}
