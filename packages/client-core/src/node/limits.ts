/** Every limit of the disk side of downloads, each with its reason; those of the session are in ../domain/limits.ts. */

/** Verified bytes after which they are made durable and noted down: what a loss of power makes a client look at again. */
export const NOTE_EVERY_BYTES = 67_108_864;
/** The same for slow transfers. */
export const NOTE_EVERY_MS = 5_000;

/** How often one chunk may come wrong: packets are authenticated, so it is the server's disk or memory, or ours. */
export const CHUNK_TRIES_MAX = 3;

/** How often the whole may turn out wrong although every chunk was right: a disk that forgets. */
export const WHOLE_TRIES_MAX = 3;

/** How often the file may change on the server while it is fetched; one that changes for ever is never whole. */
export const SOURCE_CHANGES_MAX = 5;

/** Between two signs of life of a paused transfer: routers on the way forget a silent one after 30 s. */
export const KEEP_ALIVE_MS = 5_000;

/** Part files that nobody has touched for two weeks are nobody's any more. */
export const ORPHAN_AGE_MS = 1_209_600_000;

/** How long UDP is alone in trying: a satellite's round trip twice, and a lost SYN on any other path. */
export const UDP_PROBE_MS = 1_500;

/** The same where UDP did not get through the last time: everybody waits for it at every transfer, so it is short. */
export const BLOCKED_UDP_PROBE_MS = 300;

/** Silence after which a transfer over UDP is broken: two of its keep-alives were not answered. */
export const UDP_IDLE_MS = 12_000;

/** How long a transfer runs over TLS for want of UDP before it asks for UDP again: the way back costs about a round trip or two, and some bytes twice. */
export const UDP_RETURN_MS = 30_000;
/** The same at most: it doubles with each time that UDP fell silent again, for which a transfer stood still for a while. */
export const UDP_RETURN_MS_MAX = 600_000;

/** What has come before it is paid for, where a rate is limited: as much as is sent at a time. */
export const PAID_BYTES_MAX = 65_536;
