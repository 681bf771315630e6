/** What a transfer is doing. */
export type TransferState =
  /** In the queue: others are open. */
  | 'waiting'
  /** The server was asked for the file and prepares it. */
  | 'requested'
  /** The server has it wait: too many transfers are under way. */
  | 'queued'
  /** The server offered the file; the UDP connection is being made. */
  | 'connecting'
  /** The transfer broke; the file is asked for again soon, or when the session is back. */
  | 'interrupted'
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
  /** Over without a file because the user wanted it so; nothing of it is left. */
  | 'cancelled'
  /** Over without a file because the session ended as it should; what has arrived is kept for another time. */
  | 'stopped';

/** What moves a transfer from one state to another. */
export type TransferTrigger =
  | 'turn-came'
  | 'asked'
  | 'queued'
  | 'offered'
  | 'interrupted'
  | 'bytes-flow'
  | 'paused'
  | 'resumed'
  /** Nothing flows before the server, which is away, can be asked again. */
  | 'resumed-in-vain'
  | 'bytes-complete'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'stopped';

const ENDS = { failed: 'failed', cancelled: 'cancelled', stopped: 'stopped' } as const;
const BREAKS = { ...ENDS, asked: 'requested', interrupted: 'interrupted' } as const;

/** The state machine of a transfer. What is not in the table changes nothing. */
const TRANSFER_TRANSITIONS: Readonly<
  Record<TransferState, Readonly<Partial<Record<TransferTrigger, TransferState>>>>
> = {
  waiting: { 'turn-came': 'requested', ...ENDS },
  requested: {
    queued: 'queued',
    offered: 'connecting',
    'bytes-complete': 'verifying',
    completed: 'completed',
    ...BREAKS,
  },
  queued: { offered: 'connecting', 'bytes-complete': 'verifying', completed: 'completed', ...BREAKS },
  interrupted: { paused: 'paused', 'bytes-complete': 'verifying', completed: 'completed', ...BREAKS },
  connecting: {
    'bytes-flow': 'running',
    paused: 'paused',
    'bytes-complete': 'verifying',
    completed: 'completed',
    ...BREAKS,
  },
  running: { paused: 'paused', 'bytes-complete': 'verifying', completed: 'completed', ...BREAKS },
  // Bytes that were on their way still arrive here: they do not make it run again.
  paused: {
    resumed: 'running',
    'resumed-in-vain': 'interrupted',
    asked: 'requested',
    'bytes-complete': 'verifying',
    completed: 'completed',
    ...ENDS,
  },
  // What turned out wrong is fetched again.
  verifying: { completed: 'completed', ...BREAKS },
  completed: {},
  failed: {},
  cancelled: {},
  stopped: {},
};

/** The state after a trigger; undefined when it has no place in this state. */
export function nextTransferState(state: TransferState, trigger: TransferTrigger): TransferState | undefined {
  return TRANSFER_TRANSITIONS[state][trigger];
}

/** Nothing more will happen to the transfer. */
export function isTransferOver(state: TransferState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled' || state === 'stopped';
}

/** The server holds a ticket, a connection or a request of this transfer. */
export function isTransferOpen(state: TransferState): boolean {
  return !isTransferOver(state) && state !== 'waiting';
}
