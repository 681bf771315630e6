/** A receive window that the round trip does not widen: an endpoint has nothing to tell of it before something was consumed. */
export const PLAIN_WINDOW = { receiveWindowBytesMax: 2 << 20 } as const;
