/** Bounds of the sockets and the disk; those of the conversation are in ../domain/limits.ts. */

/** Bytes that may wait for one client before the domain hears of it: below its own limits, above what a turn leaves behind. */
export const BACKLOG_BYTES_MIN = 65_536;

/** CHAT-GOODBYE-1: how long a connection may take to close after `goodbye`. */
export const LINGER_MS = 2_000;

/** CHAT-TRANSFER-3: how long a ticket waits. A client connects at once; a slow path with lost packets takes some seconds. */
export const TICKET_LIFETIME_MS = 30_000;

/** Names that one walk through the shared folder reads: each page of a list walks anew. A file beyond is not listed; who knows its path may have it. */
export const CATALOGUE_NAMES_MAX = 100_000;

/** Files whose digests are remembered: without those of their chunks about 2 MB. */
export const HASH_CACHE_ENTRIES_MAX = 10_000;

/** Digests of chunks remembered: those of 500 GB in the smallest chunks. */
export const HASH_CACHE_BYTES_MAX = 67_108_864;

/** Files hashed at a time: two keep a disk busy, more make it seek. */
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

/** Left free on the disk by uploads, for everything else that writes there. */
export const DISK_FREE_BYTES_MIN = 67_108_864;

/** What is left of an upload whose server was killed, and that nobody can be writing to any more. */
export const UPLOAD_ORPHAN_AGE_MS = 86_400_000;
