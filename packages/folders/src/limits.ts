/** Files of a folder that are made durable at the same time: the disk joins them, and each holds a descriptor. */
export const FILES_BEING_SYNCED_MAX = 64;

/** Files that are looked at at a time in a walk: all of libuv's threads have something to do, and others have their turn. */
export const LOOKS_AT_A_TIME = 32;

/** Bytes read at a time: this costs a few microseconds when the file is cached. */
export const READ_BYTES_MAX = 65_536;
