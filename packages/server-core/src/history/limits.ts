/** Bounds of the store of messages, each with its reason. */

/** CHAT-SAY-4: how long the id of a message is remembered at least: a laptop that slept over night resends in the morning. */
export const RESEND_MS_MIN = 86_400_000;

/** Entries that one `forget` takes at most, some 50 ms of a disk's time, for which new messages wait. */
export const FORGET_ENTRIES_MAX = 2_000;
