import type koffi from 'koffi';
import type { LibraryHandle } from 'koffi';

/**
 * Classic BPF (`<linux/filter.h>`): the version of the IP header says where its two ECN bits are (RFC 3168 §5, RFC 8200 §3), which
 * the program returns. A negative offset counts from the network header.
 */
const NETWORK_HEADER = 0xfff00000; // SKF_NET_OFF
const loadByte = (k: number) => ({ code: 0x30, jt: 0, jf: 0, k });
const shiftRight = (k: number) => ({ code: 0x74, jt: 0, jf: 0, k });
const and = (k: number) => ({ code: 0x54, jt: 0, jf: 0, k });
const skipIfEqual = (k: number, count: number) => ({ code: 0x15, jt: count, jf: 0, k });
const add = (k: number) => ({ code: 0x04, jt: 0, jf: 0, k });
const RETURN_ACCUMULATOR = { code: 0x16, jt: 0, jf: 0, k: 0 };
const markFilter = (firstPlace: number) => [
  loadByte(NETWORK_HEADER),
  shiftRight(4),
  skipIfEqual(6, 4),
  // IPv4: the lowest bits of the type of service.
  loadByte(NETWORK_HEADER + 1),
  and(3),
  add(firstPlace),
  RETURN_ACCUMULATOR,
  // IPv6: the traffic class begins in the middle of the first byte.
  loadByte(NETWORK_HEADER + 1),
  shiftRight(4),
  and(3),
  add(firstPlace),
  RETURN_ACCUMULATOR,
];

/** SOL_SOCKET and SO_ATTACH_REUSEPORT_CBPF. */
const ATTACH_OPTION = [1, 51] as const;

/**
 * A function that gives a group of sockets on one port (SO_REUSEPORT) the filter, by the descriptor of one of them: the mark of a
 * datagram, counted from `firstPlace`, is then the place of its socket, in the order in which they were bound. It returns −1 for a
 * failure.
 */
export function markSorter(
  { pointer, sizeof, struct }: typeof koffi,
  library: LibraryHandle,
): (fd: number, firstPlace: number) => number {
  // struct sock_filter and struct sock_fprog.
  const instruction = struct({ code: 'uint16_t', jt: 'uint8_t', jf: 'uint8_t', k: 'uint32_t' });
  const program = struct({ length: 'uint16_t', instructions: pointer(instruction) });
  const setsockopt = library.func('setsockopt', 'int', ['int', 'int', 'int', pointer(program), 'uint32_t']);
  return (fd, firstPlace) => {
    const instructions = markFilter(firstPlace);
    return setsockopt(fd, ...ATTACH_OPTION, { length: instructions.length, instructions }, sizeof(program));
  };
}
