import type { ConnectionOptions } from './connection-options.ts';
import { applyParameters, type ConnectionParts, createParts, statisticsOf } from './connection-parts.ts';
import { DataPath } from './data-path.ts';
import { FrameReceiver } from './frame-receiver.ts';
import { ConnectionHandshake } from './handshake/connection-handshake.ts';
import type { AgreedKeys } from './handshake/handshake.ts';
import type { Opening } from './handshake/opening.ts';
import { configFor, type PathHint } from './handshake/path-hint.ts';
import { handshakePacket } from './observer.ts';
import type { ArrivedPacket } from './packets/arrived-packet.ts';
import type { ConnectionId } from './packets/connection-id.ts';
import type { Reception, RemoteAddress, Train, Transmit } from './packets/datagrams.ts';
import { hintOf, startPath } from './paths/path-start.ts';
import { Paths } from './paths/paths.ts';
import { PacketOutcomes } from './recovery/packet-outcomes.ts';
import { Recovery } from './recovery/recovery.ts';
import type { Reset } from './states/connection-end.ts';
import { type ConnectionEnd, faultOf, KEY_LIMIT_END } from './states/connection-end.ts';
import { type ConnectionState, type ConnectionStateEvent, isOpen } from './states/connection-state.ts';
import { Ending } from './states/ending.ts';
import { Liveness } from './states/liveness.ts';
import { StateMachine } from './states/state-machine.ts';
import type { ConnectionStatistics } from './statistics.ts';
import type { PositionalSink } from './stream/receive-stream.ts';
import type { StreamSource } from './stream/send-stream.ts';
import { StreamProgress } from './stream/stream-progress.ts';

/**
 * One connection. It dispatches only: what arrives goes to the part that knows, what leaves is assembled from what the parts
 * have pending. Commands and `handle…` methods change it; the owner then drains `pollTransmit` and arms `pollDeadline`.
 */
export class Connection {
  readonly localId: ConnectionId;
  /** What the owner of the pre-shared key attached to it; undefined without one. */
  context: unknown;

  readonly #options: ConnectionOptions;
  readonly #parts: ConnectionParts;
  readonly #recovery: Recovery;
  readonly #frames: FrameReceiver;
  readonly #liveness: Liveness;
  readonly #paths: Paths;
  readonly #handshake: ConnectionHandshake;
  readonly #machine: StateMachine;
  readonly #progress: StreamProgress;
  readonly #ending: Ending;
  readonly #pathHint: PathHint | undefined;
  /** Exists as soon as the keys are known. */
  #path: DataPath | undefined;
  /** The owner knows of the connection: a server's half-open one ends without an event. */
  #isAnnounced = false;
  /** The packet in progress was authentic. */
  #hasOpened = false;

  /** The client's side without `accepted`: a SYN waits to be sent. The server's side with it: a SYN-ACK waits. */
  constructor(now: number, options: ConnectionOptions, opening: Opening) {
    const { crypto, localId, observer, allocate } = options;
    this.#pathHint = 'accepted' in opening ? opening.accepted.pathHint : opening.pathHint;
    const config = configFor(options.config, this.#pathHint);
    this.#options = { ...options, config };
    this.localId = localId.text;
    const outcomes = new PacketOutcomes();
    this.#parts = createParts(config, { crypto, outcomes, observer, allocate });
    outcomes.attach(this.#parts);
    this.#paths = new Paths(options.remote, this.#parts, {
      ...options,
      canMigrate: 'accepted' in opening,
      isValidated: !('accepted' in opening) || opening.accepted.isAddressValidated,
      onSettled: (at, isMoved) => this.#handleSettled(at, isMoved),
    });
    this.#recovery = new Recovery(this.#parts, outcomes, this.#paths);
    this.#frames = new FrameReceiver(this.#parts, {
      outcomes,
      paths: this.#paths,
      ackDelayMsMax: config.ackDelayMsMax,
    });
    this.#liveness = new Liveness(now, this.#parts, {
      ...config,
      asksAfterSilence: !('accepted' in opening),
    });
    this.#handshake = new ConnectionHandshake(opening, { ...this.#options, timers: this.#parts.timers });
    this.#machine = new StateMachine('accepted' in opening ? 'syn-received' : 'syn-sent', observer);
    if ('accepted' in opening) {
      this.context = opening.accepted.context;
      this.#paths.handleSyn(options.remote, opening.accepted.synBytes);
      this.#installKeys(now, { ...opening.accepted, side: 'server' });
    } else {
      this.#isAnnounced = true;
    }
    this.#ending = new Ending(this.#parts, {
      machine: this.#machine,
      liveness: this.#liveness,
      tell: (end) => {
        if (this.#isAnnounced) options.emit({ type: 'closed', connection: this, end });
      },
    });
    this.#progress = new StreamProgress(this.#parts, this.#machine, (type) =>
      options.emit({ type, connection: this }),
    );
    this.#parts.timers.set('handshake-timeout', now + config.handshakeTimeoutMs);
  }

  /** Where the peer is: a client may change its address. */
  get remote(): RemoteAddress {
    return this.#paths.remote;
  }

  /** The peer's id of the connection, known when it has answered. */
  get remoteId(): ConnectionId | undefined {
    return this.#path?.remoteId;
  }

  /** The long-term key that the server has proved; undefined before it has answered, when it has none, and on the server. */
  get serverIdentity(): Uint8Array | undefined {
    return this.#handshake.serverIdentity;
  }

  get state(): ConnectionState {
    return this.#machine.current;
  }

  /** How the connection ended; undefined while it lives. */
  get end(): ConnectionEnd | undefined {
    return this.#ending.end;
  }

  /** In-order bytes that `read()` would return. */
  get readableBytes(): number {
    return this.#parts.receiveStream.readableBytes;
  }

  /** Every byte up to the peer's FIN has been read, or handed to the sink. */
  get isReceiveFinished(): boolean {
    return this.#parts.receiveStream.isRead;
  }

  /** Stream bytes that arrived without a gap. */
  get receivedBytesContiguous(): number {
    return this.#parts.receiveStream.contiguousBytes;
  }

  /** Stream bytes that the peer has acknowledged without a gap. */
  get acknowledgedBytes(): number {
    return this.#parts.sendStream.acknowledgedBytes;
  }

  /** Bytes that `write()` would take now. */
  get writableBytes(): number {
    return this.end === undefined ? this.#parts.sendStream.room : 0;
  }

  /** Size of the peer's stream, known when its FIN has arrived. */
  get finalSize(): number | undefined {
    return this.#parts.receiveStream.finalSize;
  }

  /** What the next connection over this path may begin with; undefined before anything was delivered. */
  pathHint(): PathHint | undefined {
    return hintOf(this.#parts);
  }

  statistics(): ConnectionStatistics {
    return statisticsOf(this.#parts, {
      bytesRetransmitted: this.#path?.repeatedBytes ?? 0,
      packetProtection: this.#path?.packetProtection,
      aeadLibrary: this.#path?.aeadLibrary,
    });
  }

  /** The shortest round trip so far, in milliseconds; as in `statistics`, without all of them. */
  get minRttMs(): number {
    return this.#parts.rtt.minMs;
  }

  /** Takes as many of `bytes` as the send buffer has room for, copies them, returns the count; after fewer, `writable` follows. */
  write(bytes: Uint8Array): number {
    if (this.end !== undefined) return 0;
    const taken = this.#parts.sendStream.write(bytes);
    this.#progress.onWritten(taken < bytes.length);
    this.#options.wake(this);
    return taken;
  }

  /** Instead of `write()`: takes bytes from `source` when they can leave. To be called again when a source that had none has some. */
  sendFrom(source: StreamSource): void {
    this.#parts.sendStream.sendFrom(source);
    this.#options.wake(this);
  }

  /** Half-closes: a FIN follows the last byte written. */
  finish(): void {
    if (this.end !== undefined) return;
    this.#parts.sendStream.finish();
    this.#options.wake(this);
  }

  /** Copies in-order bytes into `target` and returns their count; 0 when none wait. It frees window: a grant may be due. */
  read(target: Uint8Array): number {
    const count = this.#parts.receiveStream.read(target);
    this.#progress.onRead();
    if (count > 0) this.#options.wake(this);
    return count;
  }

  /** The same without a copy: some in-order bytes, the caller's own from now on; undefined when none wait. */
  readChunk(): Uint8Array | undefined {
    const chunk = this.#parts.receiveStream.readChunk();
    this.#progress.onRead();
    if (chunk !== undefined) this.#options.wake(this);
    return chunk;
  }

  /** From now on each segment goes to `sink` as it arrives, in any order. Call it before the first `read()`. */
  receiveInto(sink: PositionalSink): void {
    this.#parts.receiveStream.receiveInto(sink);
    // What waited to be read has been consumed at once: a grant may be due.
    this.#options.wake(this);
  }

  /** Grants the peer nothing more; what it was granted may still arrive. */
  pauseReceiving(): void {
    this.#parts.credit.isPaused = true;
  }

  resumeReceiving(): void {
    this.#parts.credit.isPaused = false;
    this.#options.wake(this);
  }

  /** Ends the connection at once in both directions; what was not yet delivered is lost. */
  reset(now: number, code: number, reason = ''): void {
    this.#abort(now, { kind: 'reset-locally', code, reason }, { code, reason });
  }

  /** Ends the connection without a word to the peer. */
  abandon(now: number, end: ConnectionEnd): void {
    this.#ending.abandon(now, end);
  }

  /** Takes one packet addressed to this connection; its memory may be decrypted in place. True when it was authentic. */
  handlePacket(now: number, reception: Reception, packet: ArrivedPacket): boolean {
    if (!this.#paths.accepts(reception.remote)) return false;
    this.#paths.beginPacket(reception, packet.byteLength);
    this.#hasOpened = false;
    try {
      if (packet.isData) this.#handleData(now, packet);
      else this.#handleHandshakePacket(now, packet.view());
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      // Only an authenticated packet can end a connection; before there are keys all is noise from the network.
      if (this.state !== 'syn-sent') this.#abort(now, { kind: 'protocol-violation', ...fault }, fault);
    }
    return this.#hasOpened;
  }

  /** Somebody says that the peer does not know the connection any more; its token proves it. */
  handleStatelessReset(now: number, remote: RemoteAddress, token: Uint8Array): void {
    if (this.end !== undefined || !this.#paths.accepts(remote)) return;
    if (this.#path?.isResetToken(token)) this.abandon(now, { kind: 'stateless-reset' });
  }

  /** The SYN that this connection answers arrived again: the SYN-ACK was lost, or the SYN was duplicated. */
  handleRepeatedSyn(now: number, remote: RemoteAddress, packet: Uint8Array): void {
    this.#parts.observer?.onPacketReceived(now, handshakePacket(packet));
    if (this.state !== 'syn-received') return;
    this.#paths.handleSyn(remote, packet.length);
    this.#handshake.repeatNow();
  }

  handleDeadline(now: number): void {
    for (const name of this.#parts.timers.takeDue(now)) {
      if (name === 'handshake-retransmit') this.#handshake.repeatNow();
      else if (name === 'handshake-timeout') this.abandon(now, this.#handshake.timeoutEnd);
      else if (name === 'loss-detection') this.#recovery.handleLossTimer(now, this.#path);
      else if (name === 'idle' && this.#liveness.handleIdleTimer(now))
        this.abandon(now, { kind: 'idle-timed-out' });
      else if (name === 'keep-alive' || name === 'silence')
        this.#parts.pending.ping = this.#liveness.handlePingTimer(now, name) || this.#parts.pending.ping;
      else if (name === 'path-validation') this.#paths.handleTimer(now);
      else if (name === 'drain') this.#ending.handleDrained(now);
      // 'ack-delay' and 'pacing' only wake the connection: the next poll finds what is due.
    }
    this.#rearm();
  }

  pollDeadline(): number | undefined {
    return this.state === 'closed' ? undefined : this.#parts.timers.next;
  }

  /** Fills `buffer` with the next train; undefined when nothing may or need leave now. */
  pollTransmit(now: number, buffer: Uint8Array): Transmit | undefined {
    if (this.#path?.isKeyExhausted) this.#abort(now, KEY_LIMIT_END, KEY_LIMIT_END);
    const assembler = isOpen(this.state) ? this.#path?.assembler : undefined;
    const probe = assembler && this.#paths.poll(now, buffer, assembler);
    const transmit = probe ?? this.#paths.address(this.#nextTrain(now, buffer));
    if (transmit !== undefined) {
      this.#liveness.onSent(now);
      this.#progress.reportRoom();
      if (this.#parts.sendStream.isFinSent && this.#machine.allows('fin-sent'))
        this.#machine.step(now, 'fin-sent');
    }
    this.#rearm();
    return transmit;
  }

  #nextTrain(now: number, buffer: Uint8Array): Train | undefined {
    if (this.state === 'closed') return undefined;
    const handshake = this.#handshake.poll(now, buffer, this.#paths.allowanceBytes);
    if (handshake !== undefined) return handshake;
    if (this.state === 'draining') {
      const { allowanceBytes } = this.#paths;
      return this.#ending.pollReset(now, buffer, { assembler: this.#path?.assembler, allowanceBytes });
    }
    // RUDP-SYN-7: nothing but the SYN-ACK goes to a client that has not proved its keys.
    if (this.state === 'syn-received') return undefined;
    return this.#path?.pollTrain(now, buffer, this.#paths.trainAllowanceBytes);
  }

  #handleHandshakePacket(now: number, packet: Uint8Array): void {
    this.#parts.observer?.onPacketReceived(now, handshakePacket(packet));
    if (this.state !== 'syn-sent') {
      // A repeated SYN-ACK means that the server has not seen our ACK.
      this.#parts.pending.handshakeAck ||= this.#handshake.isAnswer(packet) && isOpen(this.state);
      return;
    }
    const answer = this.#handshake.handleAnswer(now, packet);
    if (answer.kind === 'refused') this.abandon(now, answer.end);
    else if (answer.kind === 'unauthentic') this.#parts.counters.packetsUnauthentic += 1;
    else if (answer.kind === 'agreed') {
      this.#installKeys(now, answer.keys);
      this.#parts.pending.handshakeAck = true;
      this.#establish(now, 'syn-ack-received');
      this.#options.emit({ type: 'connection-established', connection: this });
      // The window may be wider than the send buffer was so far.
      this.#progress.report(now);
    }
  }

  #handleData(now: number, packet: ArrivedPacket): void {
    if (this.state === 'draining') this.#ending.handleLatePacket();
    if (!isOpen(this.state)) return;
    const path = this.#path;
    const reader = path?.open(now, packet);
    if (path === undefined || reader === undefined) return;
    this.#hasOpened = true;
    this.#liveness.onReceived(now);
    // Only a client that holds the keys of this handshake can have sealed the packet: this is the ACK of the three-way handshake.
    if (this.state === 'syn-received') {
      this.#establish(now, 'handshake-acknowledged');
      this.#paths.handleHandshakeDone(now);
      this.#isAnnounced = true;
      this.#options.emit({ type: 'connection-accepted', connection: this });
    }
    const arrival = { packetNumber: path.openedPacketNumber, bytes: packet.byteLength };
    if (!this.#frames.take(now, reader, arrival)) return;
    const { reset, hasStreamBytes } = this.#frames;
    if (hasStreamBytes) this.#liveness.onStreamBytes();
    if (reset === undefined) this.#reportProgress(now);
    else this.#abort(now, { kind: 'reset-by-peer', ...reset }, undefined);
  }

  #installKeys(now: number, keys: AgreedKeys): void {
    const { config, crypto, versions } = this.#options;
    const options = { keyUpdatePackets: config.keyUpdatePackets, crypto, versions };
    this.#path = new DataPath(now, this.#parts, options, keys);
    applyParameters(this.#parts, keys.remoteParameters);
    this.#liveness.limitTo(keys.remoteParameters.idleTimeoutMs);
  }

  #establish(now: number, event: ConnectionStateEvent): void {
    this.#machine.step(now, event);
    startPath(now, this.#parts, this.#handshake.stop(now), this.#pathHint);
    this.#parts.timers.set('handshake-timeout', undefined);
    this.#liveness.start(now);
  }

  #reportProgress(now: number): void {
    const { sendStream, controller, loss } = this.#parts;
    sendStream.fitTo(controller, loss);
    this.#progress.report(now);
    if (this.state === 'time-wait' || this.state === 'closed')
      this.#ending.finish(now, this.#frames.isAckEliciting);
  }

  #abort(now: number, end: ConnectionEnd, reset: Reset | undefined): void {
    if (!this.#ending.abort(now, end, reset)) return;
    this.#handshake.stop(now);
    this.#options.wake(this);
  }

  #handleSettled(now: number, isMoved: boolean): void {
    this.#recovery.resumeOnPath(now, this.#path);
    if (isMoved && this.end === undefined) this.#options.emit({ type: 'migrated', connection: this });
  }

  #rearm(): void {
    if (isOpen(this.state)) this.#recovery.rearm(this.#path, this.end !== undefined);
  }
}
