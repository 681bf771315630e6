/** Bounds of the store of messages, each with its reason. */

/** Entries that one `forget` takes at most, which new messages wait for: 5,000 took 260 to 520 ms on a busy machine. */
export const FORGET_ENTRIES_MAX = 2_000;
