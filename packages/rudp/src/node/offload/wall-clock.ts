import type { LibraryHandle } from 'koffi';

/** The clock by which the kernel notes when datagrams come. */
export interface WallClock {
  /** When the datagram came that was read last from a socket, in milliseconds; undefined where that is not told. */
  receivedAtWallMs(fd: number): number | undefined;
  /** The same clock, now. */
  wallClockMs(): number;
}

/** SIOCGSTAMPNS: asks for the time of the last datagram, and has the kernel note it from then on. */
const RECEIVE_TIME_REQUEST = 0x8907;
/** CLOCK_REALTIME. */
const REAL_TIME = 0;
// The halves of a `struct timespec` of two fields of 64 bits. All machines that koffi knows begin with the lower one; the upper ones are 0 until 2106.
const TIME_HALVES = 4;
const SECONDS_HALF = 0;
const NANOSECONDS_HALF = 2;

export function wallClockOf(library: LibraryHandle): WallClock {
  const ioctl = library.func('int ioctl(int fd, unsigned long request, void *argument)');
  const clockGetTime = library.func('int clock_gettime(int clock, void *time)');
  const time = new Uint32Array(TIME_HALVES);
  const milliseconds = () => (time[SECONDS_HALF] as number) * 1000 + (time[NANOSECONDS_HALF] as number) / 1e6;
  return {
    receivedAtWallMs: (fd) => (ioctl(fd, RECEIVE_TIME_REQUEST, time) < 0 ? undefined : milliseconds()),
    wallClockMs: () => {
      clockGetTime(REAL_TIME, time);
      return milliseconds();
    },
  };
}
