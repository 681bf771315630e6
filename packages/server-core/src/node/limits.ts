/** Bounds of the sockets and the disk; those of the conversation are in ../domain/limits.ts. */

/** Bytes that may wait for one client before the domain hears of it: below its own limits, above what a turn leaves behind. */
export const BACKLOG_BYTES_MIN = 65_536;

/** CHAT-GOODBYE-1: how long a connection may take to close after `goodbye`. */
export const LINGER_MS = 2_000;

/** CHAT-TRANSFER-3: how long a ticket waits. A client connects at once; a slow path with lost packets takes some seconds. */
export const TICKET_LIFETIME_MS = 30_000;

/**
 * Names that one walk through the shared folder reads: half a kilobyte of memory and some ten microseconds of a processor each. A file beyond is
 * not listed; who knows its path may have it.
 */
export const CATALOGUE_NAMES_MAX = 500_000;

/** How long the pages after the first are cut from the same walk: a client asks for them at once. */
export const SCAN_KEPT_MS = 10_000;

/** How long a list may hold up everything else. */
export const LISTING_SLICE_MS = 5;

/** Folders that are watched one by one: half of what Linux gives to a user at the least (8,192). */
export const FOLDER_WATCHES_MAX = 4_096;

/** What happens to files comes in bursts: so long after the first sign of one a walk begins. */
export const SETTLE_MS = 200;

/** CHAT-WATCH-1: between two walks because of changes, and so between two `files-changed`. */
export const RESCAN_GAP_MS_MIN = 1_000;

/** The part of the time that walks because of changes may take. */
export const RESCAN_SHARE = 0.1;

/** CHAT-WATCH-1: between two walks where the system tells of changes: it may forget some. */
export const WATCHED_RESCAN_MS = 60_000;

/** Between two walks where it does not. */
export const RESCAN_MS = 10_000;

/** Files that are hashed although nobody has asked for them: those that a disk reads in a second. */
export const HASH_AHEAD_BYTES_MAX = 268_435_456;

/** Files whose digests are remembered: without those of their chunks about 2 MB. */
export const HASH_CACHE_ENTRIES_MAX = 10_000;

/** Files of a folder that are looked up among those in a turn: a millisecond of work. */
export const ANNOUNCED_AT_A_TIME = 1_000;

/** Digests of chunks remembered: those of 500 GB in the smallest chunks. */
export const HASH_CACHE_BYTES_MAX = 67_108_864;

/** Bytes of a transfer that are compared with their digests before they are sent: a single chunk that came wrong is among them. */
export const COMPARED_BYTES_MAX = 67_108_864;

/** A file up to this size is hashed before it is offered: that takes less time than the first bytes take on most paths. */
export const HASHED_FIRST_BYTES_MAX = 8_388_608;

/** How long a file is hashed on although who fetched it went away: who has lost a connection is back by then, and asks for what it is. */
export const HASHES_KEPT_MS = 60_000;

/** Files that are hashed so at a time: as many as one connection may have transfers. */
export const HASHES_KEPT_MAX = 16;

/** Files hashed at a time, of the small and of the large ones each: two keep a disk busy, more make it seek. */
export const HASHES_AT_A_TIME_MAX = 2;

/** Bytes read at a time while hashing: large enough that calls cost nothing. */
export const HASH_CHUNK_BYTES = 1_048_576;

/**
 * N, r and p of scrypt for new passwords: one of OWASP's equal choices, the one that takes 32 MiB. About 0.3 s of a
 * processor. Each hash records its own, so that these can grow.
 */
export const PASSWORD_SCRYPT = { cost: 32_768, blockSize: 8, parallelization: 3 } as const;

/** Passwords hashed at a time, of the four threads of libuv: the others read the disk. */
export const PASSWORD_HASHES_AT_A_TIME_MAX = 2;

/** Bytes of the file of accounts: 10,000 accounts with all that belongs to them, many times rewritten, are less. */
export const ACCOUNT_FILE_BYTES_MAX = 67_108_864;

/** Bytes of one file of decisions: some 40,000, and there are two. */
export const AUDIT_FILE_BYTES_MAX = 8_388_608;

/** Uploads on their way at a time: each holds a list of chunks of up to 2 MiB. */
export const UPLOADS_AT_A_TIME_MAX = 64;

/** When to ask again for an upload that is under way from another device: as often as that is worth a question until a silent one is let go. */
export const UPLOAD_TAKEN_RETRY_MS = 5_000;

/** Left free on the disk by uploads, for everything else that writes there. */
export const DISK_FREE_BYTES_MIN = 67_108_864;

/** Files that one account, or all guests together, may have in the shared folder: what they take beside their bytes is bounded so. */
export const UPLOADED_FILES_PER_USER_MAX = 1_000;

/** Files and folders in all folders that one account, or all guests together, have uploaded: each takes a place in the file system. */
export const UPLOADED_ENTRIES_PER_USER_MAX = 200_000;

/** Bytes of the list of who uploaded what: some 100,000 files. */
export const UPLOAD_LEDGER_BYTES_MAX = 16_777_216;

/** How long what was sent to somebody waits for them: over a holiday week. */
export const SENT_LIFETIME_MS = 604_800_000;

/** How long what came of a broken upload is kept for its user to go on: over night. */
export const UPLOAD_ORPHAN_AGE_MS = 86_400_000;

/** Between two looks for what is to be removed, also when nobody uploads: so much longer it stays at most. */
export const TIDY_EVERY_MS = 3_600_000;

/** A history up to this size is read through at each start, which takes a second or two; a larger one is not waited for. */
export const CHECKED_BYTES_MAX = 268_435_456;

/** Where the thread that moves files takes connections from the door of the chat port: nobody else can reach it from outside. */
export const DOOR_HOST = '127.0.0.1';

/** Transfers over TLS at a time, those included whose handshake is under way: with the buffers of TLS some 100 MB in all. */
export const TLS_TRANSFERS_MAX = 256;

/** How long the thread that moves files has nothing to do before it warms up: a server that starts has other things to do. */
export const WARM_UP_AFTER_MS = 1_000;

/** Bytes that go from one socket to the other at a time: fewer cost the thread that chats more turns. */
export const TLS_COPY_BYTES = 262_144;

/** CHAT-TLS-1: time for the handshake of a transfer, as for any other. */
export const TLS_HANDSHAKE_MS = 10_000;

/**
 * Entries whose words and ids go into the index of the history at a time, which cost less so than few at a time. A message that
 * comes meanwhile waits for some milliseconds.
 */
export const INDEXED_AT_A_TIME = 1_000;

/**
 * Entries that may be without: a search looks at all of them, 0.1 µs each when their texts are ASCII and 2 otherwise, and their ids
 * are in memory, 10 MB. Beyond that writing waits for the index.
 */
export const UNINDEXED_MAX = 100_000;

/** How long nothing has to be written before the index goes on: people pause, a flood does not. */
export const INDEXING_PAUSE_MS = 200;

/** Of the code that makes the first operator: 128 random bits cannot be guessed. */
export const OPERATOR_CODE_BYTES = 16;
