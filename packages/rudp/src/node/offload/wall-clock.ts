import type { LibraryHandle } from 'koffi';

/** The clock by which the kernel notes when datagrams come. */
export interface WallClock {
  /** When the datagram came that was read last from a socket, in milliseconds; undefined where that is not told. */
  receivedAtWallMs(fd: number): number | undefined;
  /** The same clock, now. */
  wallClockMs(): number;
}

/** SIOCGSTAMPNS: asks for the time of the last datagram, and has the kernel note it from then on. */
const receiveTimeRequest = 0x8907;
/** CLOCK_REALTIME. */
const realTime = 0;
// The halves of a `struct timespec` of two fields of 64 bits. All machines that koffi knows begin with the lower one; the upper ones are 0 until 2106.
const timeHalves = 4;
const secondsHalf = 0;
const nanosecondsHalf = 2;

export function wallClockOf(library: LibraryHandle): WallClock {
  const ioctl = library.func('int ioctl(int fd, unsigned long request, void *argument)');
  const clockGetTime = library.func('int clock_gettime(int clock, void *time)');
  const time = new Uint32Array(timeHalves);
  const milliseconds = () => (time[secondsHalf] as number) * 1000 + (time[nanosecondsHalf] as number) / 1e6;
  return {
    receivedAtWallMs: (fd) => (ioctl(fd, receiveTimeRequest, time) < 0 ? undefined : milliseconds()),
    wallClockMs: () => {
      clockGetTime(realTime, time);
      return milliseconds();
    },
  };
}
