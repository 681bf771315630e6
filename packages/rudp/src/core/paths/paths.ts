import type { RudpConfig } from '../config.ts';
import type { ConnectionParts } from '../connection-parts.ts';
import { FrameType, PATH_DATA_BYTES } from '../frames/frames.ts';
import type { CryptoProvider } from '../keys/crypto.ts';
import { DATAGRAM_BYTES_BASE, PATH_CHALLENGES_MAX } from '../limits.ts';
import {
  ACKNOWLEDGEMENT_BYTES_MIN,
  PATH_PACKET_BYTES_MIN,
  type PacketAssembler,
} from '../packet-assembler.ts';
import type { Reception, RemoteAddress, Train, Transmit } from '../packets/datagrams.ts';
import { RttEstimator } from '../recovery/rtt-estimator.ts';
import { Path } from './path.ts';

/** What an authentic packet that is no duplicate means for the paths. */
export interface PathArrival {
  readonly bytes: number;
  /** It has the largest packet number so far. */
  readonly isNewest: boolean;
  /** It carries nothing but PATH-CHALLENGE, PATH-RESPONSE and PADDING (RFC 9000 §9.1). */
  readonly isProbing: boolean;
}

/** What the paths need of their connection. */
export interface PathsOptions {
  readonly crypto: CryptoProvider;
  readonly config: RudpConfig;
  /** The peer may change its address: true for the server, whose own address never changes. */
  readonly canMigrate: boolean;
  readonly isValidated: boolean;
  /** Everything goes to an address now that is proved; `isMoved` unless it was so before. */
  readonly onSettled: (now: number, isMoved: boolean) => void;
}

/** Room that stays for challenges when an address that is not validated limits what may leave. */
const RESERVED_BYTES = PATH_CHALLENGES_MAX * PATH_PACKET_BYTES_MIN;

/**
 * The addresses of the peer (RFC 9000 §9): the one that everything goes to, and at most one other. Packets of the peer move it;
 * a challenge shows that it really receives there, and one to the last address calls the peer back when it never left.
 */
export class Paths {
  readonly #parts: ConnectionParts;
  readonly #options: PathsOptions;
  #current: Path;
  #other: Path | undefined;
  /** Where the peer was when that was last beyond doubt: window, round-trip time and packet size were measured there. */
  #settled: RemoteAddress;
  /** The SYN came from several addresses: its answer went to all of them, and proves none. */
  #isAmbiguous = false;
  #arrivalRemote: RemoteAddress;
  #response: { readonly remote: RemoteAddress; readonly data: Uint8Array } | undefined;

  constructor(remote: RemoteAddress, parts: ConnectionParts, options: PathsOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#current = new Path(remote, options.isValidated);
    this.#settled = remote;
    this.#arrivalRemote = remote;
  }

  /** Where everything but challenges goes. */
  get remote(): RemoteAddress {
    return this.#current.remote;
  }

  /** Bytes that may leave for it now. */
  get allowanceBytes(): number {
    return this.#current.allowanceBytes;
  }

  /** The same for trains, which leave room for challenges. */
  get trainAllowanceBytes(): number {
    return Math.max(0, this.#current.allowanceBytes - RESERVED_BYTES);
  }

  /** No full packet may leave before more arrives from the peer, or its address is validated. */
  get isBlocked(): boolean {
    return this.trainAllowanceBytes < DATAGRAM_BYTES_BASE;
  }

  /** Not even an acknowledgement may leave before that. */
  get isMute(): boolean {
    return this.trainAllowanceBytes < ACKNOWLEDGEMENT_BYTES_MIN;
  }

  /** When `handleTimer` must be called. */
  get deadline(): number | undefined {
    const current = this.#current.validation.deadline;
    const other = this.#other?.validation.deadline;
    return current === undefined || other === undefined ? (current ?? other) : Math.min(current, other);
  }

  /** False for an address that packets of this connection cannot come from: the server's does not change. */
  // RUDP-PATH-1
  accepts(remote: RemoteAddress): boolean {
    return this.#options.canMigrate || this.#current.leadsTo(remote);
  }

  /** The SYN came, perhaps again, and perhaps from another address because a NAT gave it one. */
  // RUDP-PATH-8
  handleSyn(remote: RemoteAddress, bytes: number): void {
    if (!this.#current.leadsTo(remote)) {
      this.#current = new Path(remote, false);
      this.#settled = remote;
      this.#isAmbiguous = true;
    }
    this.#current.onReceived(bytes);
    this.#countReceived(bytes);
  }

  /** The client has the keys: it received the SYN-ACK, at the only address that it was sent to. */
  handleHandshakeDone(now: number): void {
    if (this.#isAmbiguous) this.#challenge(now, this.#current);
    else this.#current.onValidated();
  }

  /** A packet of a datagram is about to be read. */
  beginPacket({ remote, mark, receivedAtMs }: Reception, bytes: number): void {
    this.#arrivalRemote = remote;
    this.#parts.received.arrivalMark = mark;
    this.#parts.received.arrivalMs = receivedAtMs;
    this.#countReceived(bytes);
  }

  handleChallenge(data: Uint8Array): void {
    this.#response = { remote: this.#arrivalRemote, data: data.slice() };
  }

  /** The answer holds for the path that the challenge went to, whichever way it came (RFC 9000 §8.2.3). */
  handleResponse(now: number, data: Uint8Array): void {
    for (const path of [this.#current, this.#other]) {
      const result = path?.validation.handleResponse(now, data);
      if (path === undefined || result === undefined) continue;
      const isNews = !path.isValidated;
      path.onValidated();
      if (path === this.#current && isNews) this.#settleOn(now, path, result.rttMs);
      // RUDP-PATH-5: the address is proved, that the path carries full packets is not.
      if (!result.isFullSize) this.#challenge(now, path);
      return;
    }
  }

  /** The packet that was read has changed what it could: its address may be where the peer is now. */
  // RUDP-PATH-2
  handlePacket(now: number, { bytes, isNewest, isProbing }: PathArrival): void {
    const remote = this.#arrivalRemote;
    const known = this.#find(remote);
    known?.onReceived(bytes);
    if (known === this.#current || !isNewest || isProbing) return;
    const path = known ?? new Path(remote, false);
    if (known === undefined) path.onReceived(bytes);
    this.#moveTo(now, path);
  }

  /** Nothing was acknowledged for too long: perhaps the peer is where it was, or where it seemed to be. */
  // RUDP-PATH-7
  handleProbeTimeout(now: number): void {
    const other = this.#other;
    if (other !== undefined && !other.validation.isActive) this.#challenge(now, other, 1);
  }

  handleTimer(now: number): void {
    const { validation } = this.#current;
    const other = this.#other;
    if (other?.validation.handleTimer(now) && this.#current.isValidated && this.#current.isHeard)
      this.#other = undefined;
    if (validation.handleTimer(now)) this.#giveUp(now, this.#current);
  }

  /** Fills `buffer` with a PATH-RESPONSE or a PATH-CHALLENGE that is due; they wait neither for the window nor for the pacer. */
  poll(now: number, buffer: Uint8Array, assembler: PacketAssembler): Transmit | undefined {
    const response = this.#response;
    this.#response = undefined;
    if (response !== undefined) {
      const path = this.#find(response.remote);
      if (path !== undefined) {
        this.#parts.received.acknowledgeNow();
        const frame = { type: FrameType.pathResponse, data: response.data };
        const transmit = this.#send(path, (bytes) => assembler.assemblePath(now, buffer, frame, bytes));
        if (transmit !== undefined) return transmit;
      }
    }
    for (const path of [this.#current, this.#other]) {
      const data = path?.validation.due;
      if (path === undefined || data === undefined) continue;
      const frame = { type: FrameType.pathChallenge, data };
      const transmit = this.#send(path, (bytes) => assembler.assemblePath(now, buffer, frame, bytes));
      if (transmit === undefined) continue;
      path.validation.onSent(now, transmit.byteLength >= DATAGRAM_BYTES_BASE);
      return transmit;
    }
    return undefined;
  }

  /** Addresses a train, and counts it. */
  address(train: Train | undefined): Transmit | undefined {
    if (train === undefined) return undefined;
    return this.#count(this.#current, train);
  }

  /** A packet of 1,200 bytes, as small as it can be when the address may not get as much, or none. */
  // RUDP-PATH-4
  #send(path: Path, assemble: (bytes: number) => number): Transmit | undefined {
    const { allowanceBytes } = path;
    if (allowanceBytes < PATH_PACKET_BYTES_MIN) return undefined;
    const byteLength = assemble(
      allowanceBytes >= DATAGRAM_BYTES_BASE ? DATAGRAM_BYTES_BASE : PATH_PACKET_BYTES_MIN,
    );
    return this.#count(path, { byteLength, segmentBytes: byteLength, segmentCount: 1 });
  }

  #count(path: Path, train: Train): Transmit {
    path.onSent(train.byteLength);
    this.#parts.counters.datagramsSent += train.segmentCount;
    this.#parts.counters.bytesSent += train.byteLength;
    return { ...train, remote: path.remote };
  }

  #find(remote: RemoteAddress): Path | undefined {
    if (this.#current.leadsTo(remote)) return this.#current;
    return this.#other?.leadsTo(remote) ? this.#other : undefined;
  }

  #moveTo(now: number, path: Path): void {
    const previous = this.#current;
    const keepsOther = this.#other !== path && this.#other?.isValidated === true && !previous.isValidated;
    this.#current = path;
    // Of the addresses left behind the last that was proved is the one to come back to.
    if (!keepsOther) this.#other = previous;
    if (!path.isValidated) {
      if (!path.validation.isActive) this.#challenge(now, path);
      // RUDP-PATH-6: a peer that has not moved is called back by this.
      const last = this.#other;
      if (last?.isValidated && !last.validation.isActive) this.#challenge(now, last, 1);
      return;
    }
    if (!path.leadsTo(this.#settled)) this.#settleOn(now, path, undefined);
  }

  /** The current path has failed: back to the last that was proved. Without one there is no other way than this. */
  // RUDP-PATH-3
  #giveUp(now: number, failed: Path): void {
    const last = this.#other;
    if (last === undefined || !last.isValidated) {
      if (!failed.isValidated) this.#challenge(now, failed);
      return;
    }
    this.#current = last;
    this.#other = failed;
    last.isHeard = false;
    this.#settleOn(now, last, undefined);
  }

  /** The peer has proved the address that everything goes to; behind another host lies another path (RFC 9000 §9.4). */
  // RUDP-PATH-9
  #settleOn(now: number, { remote }: Path, rttMs: number | undefined): void {
    const { host, port } = this.#settled;
    this.#settled = remote;
    if (remote.host !== host) {
      const { rtt, controller, mtu, ecn, loss } = this.#parts;
      rtt.restart();
      if (rttMs !== undefined) rtt.update(rttMs, 0);
      mtu.restart();
      ecn.restart();
      controller.restart(mtu.current);
      loss.startPath();
    }
    this.#options.onSettled(now, remote.host !== host || remote.port !== port);
  }

  #countReceived(bytes: number): void {
    this.#parts.counters.datagramsReceived += 1;
    this.#parts.counters.bytesReceived += bytes;
  }

  #challenge(now: number, path: Path, sendsMax: number = PATH_CHALLENGES_MAX): void {
    const { crypto, config } = this.#options;
    // A path that has not been measured may be longer than the last (RFC 9000 §8.2.4).
    const unmeasuredMs = new RttEstimator(config.initialRttMs).ptoBaseMs(config.ackDelayMsMax);
    const probeTimeoutMs = Math.max(this.#parts.loss.probeTimeoutMs, unmeasuredMs);
    const data = crypto.randomBytes(PATH_DATA_BYTES);
    path.validation.start(now, { data, probeTimeoutMs, sendsMax });
  }
}
