/** Counts since the start. */
export interface Counters {
  connectionsOpened: number;
  connectionsRefused: number;
  messagesReceived: number;
  /** Messages to clients, a broadcast to ten counts ten. */
  messagesSent: number;
  /** Requests answered with `failed`. */
  requestsRefused: number;
  /** Messages that came above the allowance. */
  messagesAboveAllowance: number;
  protocolViolations: number;
  transfersOffered: number;
  transfersCompleted: number;
}

/** What the server holds now, and what it has counted. After everybody has left, everything above `counters` is 0 but `rooms`. */
export interface ChatStatistics {
  readonly sessions: number;
  readonly registered: number;
  readonly addresses: number;
  readonly deadlines: number;
  readonly rooms: number;
  readonly members: number;
  readonly transfers: number;
  readonly pendingRequests: number;
  /** Writes that are not durable yet. */
  readonly pendingWrites: number;
  readonly counters: Readonly<Counters>;
}

/** Counters at the start. */
export function createCounters(): Counters {
  return {
    connectionsOpened: 0,
    connectionsRefused: 0,
    messagesReceived: 0,
    messagesSent: 0,
    requestsRefused: 0,
    messagesAboveAllowance: 0,
    protocolViolations: 0,
    transfersOffered: 0,
    transfersCompleted: 0,
  };
}
