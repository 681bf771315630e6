/** Bounds of the store of messages, each with its reason. */

/** CHAT-SAY-4: how long the id of a message is remembered at least: a laptop that slept over night resends in the morning. */
export const RESEND_MS_MIN = 86_400_000;

/** Entries that one `forget` takes at most, which new messages wait for: 5,000 took 260 to 520 ms on a busy machine. */
export const FORGET_ENTRIES_MAX = 2_000;
