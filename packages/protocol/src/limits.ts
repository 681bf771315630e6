/**
 * Every limit of the chat protocol, each with its reason, and the default port. Both sides enforce them: an encoder refuses to make what a
 * decoder would refuse to read. Sizes are bytes on the wire (UTF-8), counts are items. Listed in docs/spec/chat.md.
 */

/** The port where a server listens unless told otherwise (TCP, and UDP of the same number): TALK on a phone's keys. */
export const DEFAULT_PORT = 8_255;

/** CHAT-FRAME-3: largest frame from a client, after its length field. The longest message with its ids takes 4.3 KiB; the rest is room to grow. */
export const CLIENT_FRAME_BYTES_MAX = 16_384;

/** CHAT-FRAME-3: largest frame from a server. A full page of files (200 × 1,079 bytes) has to fit. */
export const SERVER_FRAME_BYTES_MAX = 262_144;

/** Characters of a nickname: as ergo and most IRC networks; longer names break every layout. */
export const NICKNAME_CHARACTERS_MAX = 32;

/** A character takes at most four bytes of UTF-8. */
export const NICKNAME_BYTES_MAX = 128;

/** Marks (accents, vowel signs) in a row inside a nickname: real scripts need up to three, stacked noise needs more. */
export const NICKNAME_MARKS_IN_A_ROW_MAX = 3;

/** Characters of a room name. */
export const ROOM_NAME_CHARACTERS_MAX = 64;

/** A character takes at most four bytes of UTF-8. */
export const ROOM_NAME_BYTES_MAX = 256;

/** Topic of a room: what fits on a wide line or two. */
export const TOPIC_BYTES_MAX = 512;
/** Text of one chat message: a long paragraph or a stack trace. What is longer is a file. */
export const MESSAGE_TEXT_BYTES_MAX = 4_096;

/** Name of one file: what ext4, NTFS and APFS can store. */
export const FILE_NAME_BYTES_MAX = 255;

/** Path of one file, as a field on the wire: larger than a name, because names of folders stand before it. */
export const FILE_NAME_FIELD_BYTES_MAX = 1_024;

/** Names in the path of a file: nobody files things deeper, and whoever walks the folders has an end. */
export const FILE_PATH_PARTS_MAX = 16;

/** Software name and version in `hello`. */
export const AGENT_BYTES_MAX = 64;

/** Name of a server, shown as a title. */
export const SERVER_NAME_BYTES_MAX = 128;

/** Message of the day: about 25 lines of a terminal. */
export const MOTD_BYTES_MAX = 2_048;

/** Words that a user gives when leaving, and that others read. */
export const LEAVE_REASON_BYTES_MAX = 256;

/** Human-readable explanation in `failed`, `goodbye` and `transfer-ended`. */
export const EXPLANATION_BYTES_MAX = 512;

/** Opaque position in a list, made by the server: long enough for a file name and a few numbers. */
export const CURSOR_BYTES_MAX = 1_280;

/** Files in one page of `files`: 200 × 1,079 bytes stay below the frame limit. */
export const FILES_PER_PAGE_MAX = 200;

/** Users in one page of `users`: 1,000 × 140 bytes stay below the frame limit. */
export const USERS_PER_PAGE_MAX = 1_000;

/** Rooms in one page of `rooms`: 200 × 784 bytes stay below the frame limit. */
export const ROOMS_PER_PAGE_MAX = 200;
/** Entries in one page of `history`: 60 × 4,291 bytes stay below the frame limit. */
export const ENTRIES_PER_PAGE_MAX = 60;
/** Entries in one page of `search-results`: 50 × 4,557 bytes stay below the frame limit. */
export const HITS_PER_PAGE_MAX = 50;
/** Arrivals and departures in one `presence`: 300 × (140 + 397) bytes stay below the frame limit. */
export const PRESENCE_CHANGES_MAX = 300;
/** What names of files are compared with: a long name; the work of comparing grows with it. */
export const FILE_PATTERN_BYTES_MAX = 256;
/** Words of a search. */
export const QUERY_BYTES_MAX = 512;
/** What a client is known by: 256 random bits cannot be guessed. */
export const USER_SECRET_BYTES = 32;
/** Characters of a new password: NIST SP 800-63B asks for eight or more. */
export const PASSWORD_CHARACTERS_MIN = 8;
/** Bytes of a password: a long sentence, and nothing that makes hashing slow by itself. */
export const PASSWORD_BYTES_MAX = 256;
/** An invite code as people type it. */
export const INVITE_CODE_BYTES_MAX = 64;
/** Public key and signature of Ed25519 (RFC 8032). */
export const PUBLIC_KEY_BYTES = 32;
/** See above. */
export const SIGNATURE_BYTES = 64;
/** What a client signs once: 256 random bits never come twice. */
export const CHALLENGE_BYTES = 32;
/** The secret of a program: 256 random bits cannot be guessed. */
export const TOKEN_BYTES = 32;
/** What people call a key or a token by: the machine or the program that has it. */
export const CREDENTIAL_NAME_BYTES_MAX = 64;
/** Keys and tokens of one account: a few machines and a few programs. */
export const CREDENTIALS_MAX = 32;
/** Whom a ban means: a nickname, or a network such as `2001:db8::/32`. */
export const TARGET_BYTES_MAX = 128;
/** Words about why somebody was sent away or may not write. */
export const REASON_BYTES_MAX = 256;
/** Roles in one `roles`, which is all of a room: 1,000 × 142 bytes stay below the frame limit. */
export const ROLES_MAX = 1_000;
/** Bans in one page of `bans`: 200 × 553 bytes stay below the frame limit. */
export const BANS_PER_PAGE_MAX = 200;
/** What was done, in one word. */
export const AUDIT_ACTION_BYTES_MAX = 32;
/** Decisions in one page of `audit`: 200 × 827 bytes stay below the frame limit. */
export const AUDIT_ENTRIES_PER_PAGE_MAX = 200;
/** A client's own id of a message: 128 random bits never meet twice. */
export const CLIENT_MESSAGE_ID_BYTES = 16;

/** The secret that opens one transfer: also the key material of its UDP connection. */
export const TICKET_BYTES = 32;

/** CHAT-CHUNK-1: smallest chunk. What a killed client has of an incomplete chunk is fetched again: half of this, on average. */
export const CHUNK_BYTES_MIN = 262_144;

/** CHAT-CHUNK-1: most chunks of one file. Their digests, 2 MiB, are sent and held in memory whole. */
export const CHUNKS_MAX = 65_536;

/** CHAT-CHUNK-5: parts of a file in one request. With the longest name 10.3 KB, below the frame limit; who misses more asks again. */
export const RANGES_PER_REQUEST_MAX = 512;

/** CHAT-FOLDER-2: files and folders below a folder that is downloaded at once: as many as a list of files has. */
export const FOLDER_ENTRIES_MAX = 100_000;

/** CHAT-FOLDER-2: the list of a folder, which both ends hold in memory: 100,000 paths of 140 bytes. */
export const FOLDER_MANIFEST_BYTES_MAX = 16_777_216;

/** CHAT-FOLDER-13: in `begun`, stands for the list itself, which has no such place. */
export const FOLDER_LIST_PLACE = 4_294_967_295;

/** CHAT-FOLDER-3: a larger file is fetched by itself: beside its bytes the way to it costs nothing, and it is resumed in its middle. */
export const FOLDER_FILE_BYTES_MAX = 8_388_608;

/** CHAT-FOLDER-4: what stands around the bytes of a file: two statuses and a digest. */
export const FOLDER_FILE_OVERHEAD_BYTES = 34;

/** Size of a SHA-256 digest. */
export const SHA256_BYTES = 32;

/** CHAT-DIGEST-2: what ends a stream whose digests follow: that of the whole file, and the root of its list of chunks. */
export const DIGESTS_TRAILER_BYTES = 2 * SHA256_BYTES;

/** Largest whole number that a JavaScript number holds exactly (2⁵³ − 1). Bounds sizes, offsets, times and sequences. */
export const U53_MAX = Number.MAX_SAFE_INTEGER;
