/** Files of a folder that are made durable at the same time: the disk joins them, and each is open meanwhile. */
export const FILES_BEING_SYNCED_MAX = 64;

/** When so many files wait for their turn to be made durable, nothing more is taken after what was just read: the disk is slower than the network. */
export const FILES_WAITING_MAX = 64;

/** Files that came wait so long for others before all are made durable together: nobody sees it, and the disk works less often. */
export const GATHER_MS = 20;

/** Below that many files it is less work to make each durable by itself than everything on the file system. */
export const BARRIER_FILES_MIN = 8;

/** A barrier that takes longer has to wait for what others write: files by themselves are quicker than that on any disk. */
export const BARRIER_MS_MAX = 500;

/** Files up to this size are put together in memory and written in one piece, when they have proven to be right. */
export const WRITTEN_WHOLE_BYTES_MAX = 65_536;

/** Files that are looked at at a time in a walk: libuv's threads always have something to do, and others have their turn after a few milliseconds. */
export const LOOKS_AT_A_TIME = 256;

/** Bytes read at a time: this costs a few microseconds when the file is cached. */
export const READ_BYTES_MAX = 65_536;
