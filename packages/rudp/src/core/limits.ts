import type { CipherSuite } from './keys/crypto.ts';

/** Smallest size of a SYN datagram: an amplifier would need as many bytes as it gets (RFC 9000 §8.1), and the path is shown to carry it. */
export const SYN_BYTES_MIN = 1200;

/** UDP payload that every path must carry (RFC 9000 §14.1, RFC 8899 BASE_PLPMTU). */
export const DATAGRAM_BYTES_BASE = 1200;

/** Largest UDP payload that is probed for without a way to forbid fragmentation: 1500-byte Ethernet less IPv4 and UDP headers. */
export const DATAGRAM_BYTES_UNFRAGMENTED = 1472;

/** Bytes sent to an address that is not validated stay below this multiple of the bytes received from it (RFC 9000 §8.1). */
export const AMPLIFICATION_FACTOR = 3;

/** Ranges in one ACK frame: the newest ones; older ones were in earlier frames, many times over (quinn's MAX_ACK_BLOCKS). */
export const ACK_RANGES_MAX = 64;

/** Ranges of received packet numbers that are remembered; beyond it the oldest gap is given up as lost (bounds memory). */
export const RECEIVED_RANGES_MAX = 1024;

/** Ranges of received stream bytes that are remembered; a segment that would add one more is dropped unacknowledged (bounds memory). */
export const REASSEMBLY_RANGES_MAX = 8192;

/** Longest reason phrase of a RESET frame, in bytes. */
export const RESET_REASON_BYTES_MAX = 128;

/** Largest train that one poll hands out: one segmentation-offload send (65,507 bytes of UDP payload at most). */
export const TRAIN_BYTES_MAX = 65_000;

/** Segments in one train (UDP_MAX_SEGMENTS of Linux is 64 or 128). */
export const TRAIN_SEGMENTS_MAX = 64;

/** Half-open connections above which a SYN has to bring a cookie back (picoquic's threshold): below it the round trip is saved. */
export const HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE = 64;

/** Longest cookie that a client carries back: it has to fit into a SYN. */
export const COOKIE_BYTES_MAX = 64;

/** Half-open connections of one endpoint; further SYNs are dropped until some complete or time out (bounds memory). */
export const HALF_OPEN_CONNECTIONS_MAX = 1024;

/** PATH-CHALLENGEs of one validation: with three, one in eight is lost on a path that loses half (RFC 9000 §8.2.1 leaves the count open). */
export const PATH_CHALLENGES_MAX = 3;

/** Probe timeouts for which an orderly closed connection still acknowledges: four probes of the peer fit, backoff included. */
export const TIME_WAIT_PERIODS = 15;

/** And at least so long: the peer's probe timeout may be a multiple of ours. */
export const TIME_WAIT_MS_MIN = 3000;

/** Probe timeouts for which a RESET is repeated to a peer that has not heard it (RFC 9000 §10.2). */
export const DRAINING_PERIODS = 3;

/** Packets that one probe timeout lets out (RFC 9002 §6.2.4). */
export const PROBE_PACKETS = 2;

/** Packets that one key seals at most, the last train not counted: the confidentiality limit of AES-GCM (RFC 9001 §6.6), the lowest of our ciphers. */
export const PACKETS_PER_KEY_MAX = 2 ** 23 - TRAIN_SEGMENTS_MAX;

/**
 * Packets that do not open, over all keys of a connection, before it ends: the integrity limits of RFC 9001 §6.6. That of
 * AES-GCM is for packets of up to 2^16 bytes (RFC 9001 §B.1.2), which ours never exceed.
 */
export const UNAUTHENTIC_PACKETS_MAX: Readonly<Record<CipherSuite, number>> = {
  'aes-128-gcm': 2 ** 52,
  'chacha20-poly1305': 2 ** 36,
};

/** Largest setting for the packets after which keys change: the peer needs time to follow. */
export const KEY_UPDATE_PACKETS_MAX = 2 ** 22;

/** Stateless resets that one endpoint sends in a second: enough for the clients that a restart has cut off, too few to be of use to a flood. */
export const STATELESS_RESETS_PER_SECOND_MAX = 10;
