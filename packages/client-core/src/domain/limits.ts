/** Every limit and time of the client core, each with its reason. */

/** A TCP connection over a bad link needs a few seconds; a person waits about this long. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** From the TCP connection to `hello-ok`. */
export const HELLO_TIMEOUT_MS = 10_000;

/** From a request to its answer (each page of a list counts for itself). */
export const REQUEST_TIMEOUT_MS = 15_000;

/** From a request with a password to its answer: sixty others may be hashed before it, a third of a second each, and more where the server has much to do. */
export const PASSWORD_TIMEOUT_MS = 60_000;

/** From the request for a file to its offer: the server may have to hash the whole file first. */
export const OFFER_TIMEOUT_MS = 600_000;

/** From `leave` to the server's goodbye; after that the connection is simply closed. */
export const LEAVE_TIMEOUT_MS = 2_000;

/** Silence after which the client asks whether the server is still there. */
export const PING_AFTER_MS = 25_000;

/** Silence after which the server counts as gone. More than two pings long. */
export const SILENCE_MS_MAX = 60_000;

/** First wait before coming back after a lost connection; it doubles with every vain try. */
export const RECONNECT_MS_MIN = 500;
/** Longest wait before another try: a person who repairs the network does not want to wait longer. */
export const RECONNECT_MS_MAX = 30_000;
/** How long a message waits for the server to accept it; after a day a repetition might double it (CHAT-SAY-4). */
export const OUTBOX_MS_MAX = 82_800_000;
/** Messages that are fetched after a reconnect, in each room; what is older is told as a gap and can be looked up. */
export const CATCH_UP_MAX = 5_000;
/** Before a vain try to get what the client needs for itself is repeated, when the server does not say. */
export const RETRY_MS = 1_000;
/** Requests without an answer at one time; a script that sends faster has to wait for its promises. */
export const PENDING_REQUESTS_MAX = 64;

/** Messages kept for those who want to look back (a full screen many times over). */
export const MESSAGES_KEPT_MAX = 2_000;

/** Users of a room that a client lists: a hundred pages; beyond that a list helps nobody. */
export const USERS_LISTED_MAX = 100_000;

/** Bans that a client lists: many times what a server keeps. */
export const BANS_LISTED_MAX = 10_000;

/** Decisions that are asked for at a time: more than a screen. */
export const AUDIT_ENTRIES_READ = 50;

/** Files that a client lists. */
export const FILES_LISTED_MAX = 100_000;

/** Transfers that are open at the server at one time, unless another number is given; the others wait their turn. */
export const TRANSFERS_OPEN_MAX = 4;

/** First wait before a file is asked for again after its transfer broke; it doubles with every vain try. */
export const TRANSFER_RETRY_MS_MIN = 250;
/** Longest such wait: with the tries below it adds up to half a minute of a server that is there and sends nothing. */
export const TRANSFER_RETRY_MS_MAX = 10_000;
/** Tries in a row that bring no byte. */
export const TRANSFER_TRIES_MAX = 8;
/** The same before the first byte when nobody answers by UDP: it is blocked on the way, most likely, and will be. */
export const UNREACHABLE_TRIES_MAX = 2;

/** Downloads that are remembered, ended ones included; the oldest ended one makes room. */
export const TRANSFERS_KEPT_MAX = 1_000;

/** CHAT-PROGRESS-1: between two words to a room about one transfer; a little more than a second, so that none comes too early. */
export const PROGRESS_TOLD_MS = 1_050;
/** The same of all transfers together. */
export const PROGRESS_TOLD_MS_IN_ALL = 250;
/** CHAT-PROGRESS-4: how long a line of somebody else's stands of which nothing is heard. */
export const PROGRESS_SILENT_MS = 30_000;
