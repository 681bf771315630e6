/** Bounds of the sockets and the disk; those of the conversation are in ../domain/limits.ts. */

/** Bytes that may wait for one client before the domain hears of it: below its own limits, above what a turn leaves behind. */
export const BACKLOG_BYTES_MIN = 65_536;

/** CHAT-GOODBYE-1: how long a connection may take to close after `goodbye`. */
export const LINGER_MS = 2_000;

/** CHAT-TRANSFER-3: how long a ticket waits. A client connects at once; a slow path with lost packets takes some seconds. */
export const TICKET_LIFETIME_MS = 30_000;

/** Digests remembered: about 2 MB. */
export const HASH_CACHE_ENTRIES_MAX = 10_000;

/** Files hashed at a time: two keep a disk busy, more make it seek. */
export const HASHES_AT_A_TIME_MAX = 2;

/** Bytes read at a time while hashing: large enough that calls cost nothing. */
export const HASH_CHUNK_BYTES = 1_048_576;
