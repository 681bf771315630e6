import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import type koffi from 'koffi';
import { type BatchReceiver, batchReceiverOf } from './batch-receiver.ts';
import { Errno } from './errno.ts';
import { markSorter } from './mark-filter.ts';
import { type WallClock, wallClockOf } from './wall-clock.ts';

/** A system call that failed; `code` is the name of its errno. */
export class SystemCallError extends Error {
  readonly code: string;
  readonly errno: number;

  constructor(call: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${call} ${code}`);
    this.name = 'SystemCallError';
    this.code = code;
    this.errno = errno;
  }
}

/** The calls of the C library that Node does not offer. Those that return a number give −1 for a failure, which `errno` explains. */
export interface Libc extends WallClock, BatchReceiver {
  /** The file descriptor of a new UDP socket; throws `SystemCallError`. */
  openUdp(family: number): number;
  close(fd: number): void;
  /** Lets the descriptor `number` stand for the same as `fd`, and no longer for what it stood for. Throws `SystemCallError`. */
  replace(number: number, fd: number): void;
  /** Throws `SystemCallError`. */
  bind(fd: number, address: Uint8Array): void;
  /**
   * Sorts what arrives for a group of sockets on one port (SO_REUSEPORT) by the two ECN bits of its packet: the value is the place
   * of the socket, in the order in which they were bound, counted from `firstPlace`. Throws `SystemCallError`.
   */
  sortByMark(fd: number, firstPlace: number): void;
  /** Throws `SystemCallError`. */
  setOption(fd: number, option: SocketOption, value: number): void;
  /** Sends at once or fails; `address` may be undefined on a connected socket. Returns the errno, 0 when all went well. */
  send(fd: number, bytes: Uint8Array, address: Uint8Array | undefined): number;
  /** Bytes that were received into `bytes` at once, and their sender into `address`; −1 when nothing waits, or for a failure. */
  receiveNow(fd: number, bytes: Uint8Array, address: Uint8Array): number;
  /** Why the last `receiveNow` or `receiveMessages` failed. */
  lastErrno(): number;
  /** Waits until something can be read, or for so long; false when nothing can. Throws `SystemCallError`. */
  waitForData(fd: number, waitMs: number): boolean;
  /** Bytes that were received into `bytes`, 0 when nothing came within `waitMs`. Throws `SystemCallError`. */
  receive(fd: number, bytes: Uint8Array, waitMs: number): number;
  /** The own address of a socket, as the C library lays it out. Throws `SystemCallError`. */
  localAddress(fd: number, addressBytes: number): Uint8Array;
  /** Writes the 4 or 16 bytes of a textual address; false when it is none. */
  parseAddress(family: number, text: string, target: Uint8Array): boolean;
  /** The text of an address of 4 or 16 bytes. Throws `SystemCallError`. */
  formatAddress(family: number, address: Uint8Array): string;
  /** The number of a network interface, 0 when there is none of that name. */
  interfaceIndex(name: string): number;
  /** The name of a network interface; its number as text when there is none. */
  interfaceName(index: number): string;
}

/** Level and name of a socket option (Linux, the same on all architectures that koffi knows). */
export type SocketOption = readonly [level: number, name: number];

/** Socket options of `<asm-generic/socket.h>`, `<linux/in.h>`, `<linux/in6.h>` and `<linux/udp.h>`. */
export const SocketOption = {
  reuseAddress: [1, 2],
  receiveBuffer: [1, 8],
  reusePort: [1, 15],
  /** SO_TIMESTAMPNS: control messages tell when datagrams came. */
  receiveTime: [1, 35],
  ipTypeOfService: [0, 1],
  ipMtuDiscover: [0, 10],
  ipv6MtuDiscover: [41, 23],
  ipv6Only: [41, 26],
  ipv6TrafficClass: [41, 67],
  udpSegment: [17, 103],
  udpGro: [17, 104],
} as const satisfies Record<string, SocketOption>;

/** IP_PMTUDISC_PROBE: no fragmentation, and no regard to what the kernel believes of the path. */
export const MTU_DISCOVER_PROBE = 3;

/** Address families of Linux. */
export const AddressFamily = { ipv4: 2, ipv6: 10 } as const;

const CLOSE_ON_EXEC = 0o2000000; // O_CLOEXEC
const DATAGRAM_SOCKET_TYPE = 2 | CLOSE_ON_EXEC | 0o4000; // SOCK_DGRAM, SOCK_CLOEXEC, SOCK_NONBLOCK
const INTEGER_BYTES = 4;
/** Room for the text of any address (INET6_ADDRSTRLEN) and any interface (IF_NAMESIZE). */
const TEXT_BYTES = 46;

/** Loads the C library through koffi, an optional dependency; throws when that is not there, or not for this machine. */
export function loadLibc(): Libc {
  const koffiModule = createRequire(import.meta.url)('koffi') as typeof koffi;
  const { load, errno } = koffiModule;
  const library = load(null);
  const socket = library.func('int socket(int domain, int type, int protocol)');
  const close = library.func('int close(int fd)');
  const dup3 = library.func('int dup3(int fd, int number, int flags)');
  const bind = library.func('int bind(int fd, const void *address, uint32_t length)');
  const sortByMark = markSorter(koffiModule, library);
  const setsockopt = library.func(
    'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
  );
  const sendto = library.func(
    'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)',
  );
  const recv = library.func('intptr_t recv(int fd, void *bytes, size_t length, int flags)');
  const recvfrom = library.func(
    'intptr_t recvfrom(int fd, void *bytes, size_t length, int flags, void *address, void *addressLength)',
  );
  const poll = library.func('int poll(void *entries, unsigned long count, int timeoutMs)');
  const getsockname = library.func('int getsockname(int fd, void *address, void *length)');
  const inetPton = library.func('int inet_pton(int family, const char *text, void *target)');
  const ifNameToIndex = library.func('unsigned int if_nametoindex(const char *name)');
  const inetNtop = library.func(
    'void *inet_ntop(int family, const void *address, void *text, uint32_t length)',
  );
  const ifIndexToName = library.func('void *if_indextoname(unsigned int index, void *name)');
  const checked = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, errno());
    return result;
  };
  const waitForData = (fd: number, waitMs: number): boolean => {
    // struct pollfd: int fd, short events (POLLIN is 1), short revents.
    const entry = new Int32Array([fd, 1]);
    return checked('poll', poll(entry, 1, waitMs)) > 0;
  };
  const optionValue = new Int32Array(1);
  const addressLength = new Uint32Array(1);
  const text = Buffer.alloc(TEXT_BYTES);
  return {
    openUdp: (family) => checked('socket', socket(family, DATAGRAM_SOCKET_TYPE, 0)),
    close: (fd) => close(fd),
    replace: (number, fd) => void checked('dup3', dup3(fd, number, CLOSE_ON_EXEC)),
    bind: (fd, address) => void checked('bind', bind(fd, address, address.byteLength)),
    sortByMark: (fd, firstPlace) => void checked('setsockopt', sortByMark(fd, firstPlace)),
    setOption: (fd, [level, name], value) => {
      optionValue[0] = value;
      checked('setsockopt', setsockopt(fd, level, name, optionValue, INTEGER_BYTES));
    },
    send: (fd, bytes, address) =>
      sendto(fd, bytes, bytes.byteLength, 0, address ?? null, address?.byteLength ?? 0) < 0
        ? errno()
        : Errno.none,
    receiveNow: (fd, bytes, address) => {
      addressLength[0] = address.byteLength;
      return Number(recvfrom(fd, bytes, bytes.byteLength, 0, address, addressLength));
    },
    ...wallClockOf(library),
    ...batchReceiverOf(koffiModule, library),
    lastErrno: () => errno(),
    waitForData,
    receive: (fd, bytes, waitMs) =>
      waitForData(fd, waitMs) ? checked('recv', Number(recv(fd, bytes, bytes.byteLength, 0))) : 0,
    localAddress: (fd, addressBytes) => {
      const address = new Uint8Array(addressBytes);
      checked('getsockname', getsockname(fd, address, new Uint32Array([addressBytes])));
      return address;
    },
    parseAddress: (family, text, target) => inetPton(family, text, target) === 1,
    formatAddress: (family, address) => {
      if (inetNtop(family, address, text, TEXT_BYTES) === null)
        throw new SystemCallError('inet_ntop', errno());
      return text.toString('latin1', 0, text.indexOf(0));
    },
    interfaceName: (index) =>
      ifIndexToName(index, text) === null ? String(index) : text.toString('latin1', 0, text.indexOf(0)),
    interfaceIndex: (name) => ifNameToIndex(name),
  };
}
