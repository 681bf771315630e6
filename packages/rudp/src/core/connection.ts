import { type ConnectionEnd, faultOf } from './connection-end.ts';
import type { ConnectionId } from './connection-id.ts';
import type { ConnectionOptions, Opening, RemoteAddress, Transmit } from './connection-options.ts';
import { applyParameters, type ConnectionParts, createParts, statisticsOf } from './connection-parts.ts';
import { type ConnectionState, type ConnectionStateEvent, isOpen, StateMachine } from './connection-state.ts';
import { type AgreedKeys, DataPath } from './data-path.ts';
import { FrameReceiver } from './frame-receiver.ts';
import { decodeFrames } from './frames.ts';
import { ClientHandshake } from './handshake.ts';
import { HandshakeSender } from './handshake-sender.ts';
import { drainingPeriods, probePackets, timeWaitMsMin, timeWaitPeriods } from './limits.ts';
import { Liveness } from './liveness.ts';
import { handshakePacket } from './observer.ts';
import { isDataPacket, PacketType } from './packet.ts';
import { PacketOutcomes } from './packet-outcomes.ts';
import { Paths } from './paths.ts';
import type { PositionalSink } from './receive-stream.ts';
import type { Reset } from './reset-sender.ts';
import type { ConnectionStatistics } from './statistics.ts';
import { StreamProgress } from './stream-progress.ts';
import type { Train } from './transmitter.ts';

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
  readonly #outcomes = new PacketOutcomes();
  readonly #frames: FrameReceiver;
  readonly #liveness: Liveness;
  readonly #paths: Paths;
  readonly #clientHandshake: ClientHandshake | undefined;
  readonly #handshakeSender: HandshakeSender;
  readonly #machine: StateMachine;
  readonly #progress: StreamProgress;
  #end: ConnectionEnd | undefined;
  /** Exists as soon as the keys are known. */
  #path: DataPath | undefined;
  /** The owner knows of the connection: a server's half-open one ends without an event. */
  #isAnnounced = false;

  /** The client's side without `accepted`: a SYN waits to be sent. The server's side with it: a SYN-ACK waits. */
  constructor(now: number, options: ConnectionOptions, opening: Opening) {
    const { crypto, config, localId, observer } = options;
    this.#options = options;
    this.localId = localId.text;
    this.#parts = createParts(config, { crypto, outcomes: this.#outcomes, observer });
    this.#outcomes.attach(this.#parts);
    this.#paths = new Paths(options.remote, this.#parts, {
      ...options,
      canMigrate: 'accepted' in opening,
      isValidated: !('accepted' in opening) || opening.accepted.isAddressValidated,
      onSettled: (at, isMoved) => this.#resumeOnPath(at, isMoved),
    });
    this.#frames = new FrameReceiver(this.#parts, this.#outcomes, this.#paths);
    this.#liveness = new Liveness(now, this.#parts, {
      ...config,
      asksAfterSilence: !('accepted' in opening),
    });
    const sender = { timers: this.#parts.timers, initialRttMs: config.initialRttMs, observer };
    if ('accepted' in opening) {
      this.#machine = new StateMachine('syn-received', observer);
      this.context = opening.accepted.context;
      const { synAck, synBytes } = opening.accepted;
      this.#paths.handleSyn(options.remote, synBytes);
      this.#handshakeSender = new HandshakeSender(synAck, sender);
      this.#installKeys(now, { ...opening.accepted, side: 'server' });
    } else {
      this.#machine = new StateMachine('syn-sent', observer);
      this.#isAnnounced = true;
      this.#clientHandshake = new ClientHandshake(crypto, config, localId.bytes, opening.preSharedKey);
      this.#handshakeSender = new HandshakeSender(this.#clientHandshake.syn, sender);
    }
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

  get state(): ConnectionState {
    return this.#machine.current;
  }

  /** How the connection ended; undefined while it lives. */
  get end(): ConnectionEnd | undefined {
    return this.#end;
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
    return this.#end === undefined ? this.#parts.sendStream.room : 0;
  }

  /** Size of the peer's stream, known when its FIN has arrived. */
  get finalSize(): number | undefined {
    return this.#parts.receiveStream.finalSize;
  }

  statistics(): ConnectionStatistics {
    return statisticsOf(this.#parts, this.#path);
  }

  /** Takes as many of `bytes` as the send buffer has room for, copies them, returns the count; after fewer, `writable` follows. */
  write(bytes: Uint8Array): number {
    if (this.#end !== undefined) return 0;
    const taken = this.#parts.sendStream.write(bytes);
    this.#progress.onWritten(taken < bytes.length);
    this.#options.wake(this);
    return taken;
  }

  /** Half-closes: a FIN follows the last byte written. */
  finish(): void {
    if (this.#end !== undefined) return;
    this.#parts.sendStream.finish();
    this.#options.wake(this);
  }

  /** Copies in-order bytes into `target` and returns their count; 0 when none wait. */
  read(target: Uint8Array): number {
    const count = this.#parts.receiveStream.read(target);
    this.#progress.onRead();
    // Reading frees window: a grant may be due.
    if (count > 0) this.#options.wake(this);
    return count;
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
    if (this.state === 'closed') return;
    this.#machine.step(now, 'abandoned');
    this.#finishWith(now, end);
  }

  /** Takes one packet addressed to this connection; its memory may be decrypted in place. */
  handlePacket(now: number, remote: RemoteAddress, packet: Uint8Array): void {
    if (!this.#paths.accepts(remote)) return;
    this.#paths.beginPacket(remote, packet.length);
    try {
      if (isDataPacket(packet)) this.#handleData(now, packet);
      else this.#handleHandshakePacket(now, packet);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      // Only an authenticated packet can end a connection; before there are keys all is noise from the network.
      if (this.state !== 'syn-sent') this.#abort(now, { kind: 'protocol-violation', ...fault }, fault);
    }
  }

  /** Somebody says that the peer does not know the connection any more; its token proves it. */
  handleStatelessReset(now: number, remote: RemoteAddress, token: Uint8Array): void {
    if (this.#end !== undefined || !this.#paths.accepts(remote)) return;
    if (this.#path?.isResetToken(token)) this.abandon(now, { kind: 'stateless-reset' });
  }

  /** The SYN that this connection answers arrived again: the SYN-ACK was lost, or the SYN was duplicated. */
  handleRepeatedSyn(now: number, remote: RemoteAddress, packet: Uint8Array): void {
    this.#parts.observer?.onPacketReceived(now, handshakePacket(packet));
    if (this.state !== 'syn-received') return;
    this.#paths.handleSyn(remote, packet.length);
    this.#handshakeSender.repeatNow();
  }

  handleDeadline(now: number): void {
    for (const name of this.#parts.timers.takeDue(now)) {
      if (name === 'handshake-retransmit') this.#handshakeSender.repeatNow();
      else if (name === 'handshake-timeout') this.abandon(now, { kind: 'handshake-timed-out' });
      else if (name === 'loss-detection') this.#handleLossTimer(now);
      else if (name === 'idle' && this.#liveness.handleIdleTimer(now))
        this.abandon(now, { kind: 'idle-timed-out' });
      else if (name === 'keep-alive' || name === 'silence')
        this.#parts.pending.ping = this.#liveness.handlePingTimer(now, name) || this.#parts.pending.ping;
      else if (name === 'path-validation') this.#paths.handleTimer(now);
      else if (name === 'drain' && this.state !== 'closed') this.#machine.step(now, 'drained');
      // 'ack-delay' and 'pacing' only wake the connection: the next poll finds what is due.
    }
    this.#rearm();
  }

  pollDeadline(): number | undefined {
    return this.state === 'closed' ? undefined : this.#parts.timers.next;
  }

  /** Fills `buffer` with the next train; undefined when nothing may or need leave now. */
  pollTransmit(now: number, buffer: Uint8Array): Transmit | undefined {
    const assembler = isOpen(this.state) ? this.#path?.assembler : undefined;
    const probe = assembler && this.#paths.poll(now, buffer, assembler);
    const transmit = probe ?? this.#paths.address(this.#nextTrain(now, buffer));
    if (transmit !== undefined) {
      this.#liveness.onSent(now);
      if (this.#parts.sendStream.isFinSent && this.#machine.allows('fin-sent'))
        this.#machine.step(now, 'fin-sent');
    }
    this.#rearm();
    return transmit;
  }

  #nextTrain(now: number, buffer: Uint8Array): Train | undefined {
    if (this.state === 'closed') return undefined;
    const handshake = this.#handshakeSender.poll(now, buffer, this.#paths.allowanceBytes);
    if (handshake !== undefined) return handshake;
    if (this.state === 'draining') return this.#path?.pollReset(now, buffer, this.#paths.allowanceBytes);
    // RUDP-SYN-7: nothing but the SYN-ACK goes to a client that has not proved its keys.
    if (this.state === 'syn-received') return undefined;
    return this.#path?.pollTrain(now, buffer, this.#paths.trainAllowanceBytes);
  }

  #handleHandshakePacket(now: number, packet: Uint8Array): void {
    this.#parts.observer?.onPacketReceived(now, handshakePacket(packet));
    if (packet[0] === PacketType.synAck) this.#handleSynAck(now, packet);
    else if (this.state === 'syn-sent') this.#handleRefusal(now, packet);
  }

  #handleSynAck(now: number, packet: Uint8Array): void {
    // A repeated SYN-ACK means that the server has not seen our ACK.
    if (this.state !== 'syn-sent') {
      this.#parts.pending.handshakeAck ||= this.#clientHandshake !== undefined && isOpen(this.state);
      return;
    }
    const result = this.#clientHandshake?.complete(packet);
    if (result === undefined) {
      this.#parts.counters.packetsUnauthentic += 1;
      return;
    }
    this.#installKeys(now, { ...result, side: 'client' });
    this.#parts.pending.handshakeAck = true;
    this.#establish(now, 'syn-ack-received');
    this.#options.emit({ type: 'connection-established', connection: this });
  }

  #handleRefusal(now: number, packet: Uint8Array): void {
    const handshake = this.#clientHandshake as ClientHandshake;
    const code = handshake.refusalIn(packet);
    if (code !== undefined) this.abandon(now, { kind: 'refused', code });
    else if (handshake.acceptCookie(packet)) this.#handshakeSender.replace(handshake.syn);
  }

  #handleData(now: number, packet: Uint8Array): void {
    if (this.state === 'draining') this.#path?.repeatReset();
    if (!isOpen(this.state)) return;
    const path = this.#path;
    const reader = path?.open(now, packet);
    if (path === undefined || reader === undefined) return;
    this.#liveness.onReceived(now);
    // Only a client that holds the keys of this handshake can have sealed the packet: this is the ACK of the three-way handshake.
    if (this.state === 'syn-received') {
      this.#establish(now, 'handshake-acknowledged');
      this.#paths.handleHandshakeDone(now);
      this.#isAnnounced = true;
      this.#options.emit({ type: 'connection-accepted', connection: this });
    }
    const isNewest = path.openedPacketNumber > this.#parts.received.largest;
    this.#frames.begin(now);
    decodeFrames(reader, this.#frames);
    if (this.#frames.isDropped) return;
    const { isAckEliciting, reset, isProbing, hasStreamBytes } = this.#frames;
    const ackDelayMs = Math.min(this.#options.config.ackDelayMsMax, this.#parts.rtt.smoothedMs / 4);
    this.#parts.received.record(now, path.openedPacketNumber, isAckEliciting, ackDelayMs);
    if (hasStreamBytes) this.#liveness.onStreamBytes();
    this.#paths.handlePacket(now, { bytes: packet.length, isNewest, isProbing });
    if (reset === undefined) this.#reportProgress(now);
    else this.#abort(now, { kind: 'reset-by-peer', ...reset }, undefined);
  }

  #installKeys(now: number, keys: AgreedKeys): void {
    this.#path = new DataPath(now, this.#parts, this.#options, keys);
    applyParameters(this.#parts, keys.remoteParameters);
    this.#liveness.limitTo(keys.remoteParameters.idleTimeoutMs);
  }

  #establish(now: number, event: ConnectionStateEvent): void {
    this.#machine.step(now, event);
    const rttMs = this.#handshakeSender.stop(now);
    if (rttMs !== undefined) this.#parts.rtt.update(rttMs, 0);
    this.#parts.timers.set('handshake-timeout', undefined);
    this.#liveness.start(now);
  }

  #reportProgress(now: number): void {
    const { sendStream, controller, loss, timers } = this.#parts;
    sendStream.fitTo(controller.congestionWindow, loss);
    this.#progress.report(now);
    if (this.state !== 'time-wait' && this.state !== 'closed') return;
    // RUDP-CLOSE-4: a peer that still asks has not heard the last acknowledgement.
    if (this.#end !== undefined && !this.#frames.isAckEliciting) return;
    if (this.#end === undefined) timers.clearAll();
    this.#finishWith(now, { kind: 'finished' });
    this.#drain(now, timeWaitPeriods, timeWaitMsMin);
  }

  /** Ends both directions at once, unless the connection has ended; `reset` is what the peer is told. */
  // RUDP-RESET-1
  #abort(now: number, end: ConnectionEnd, reset: Reset | undefined): void {
    if (this.#end !== undefined) return;
    this.#machine.step(now, 'reset');
    this.#handshakeSender.stop(now);
    this.#parts.timers.clearAll();
    if (reset !== undefined) this.#path?.startReset(reset);
    this.#finishWith(now, end);
    this.#drain(now, drainingPeriods);
    this.#options.wake(this);
  }

  #drain(now: number, periods: number, drainMsMin = 0): void {
    const drainMs = Math.max(drainMsMin, periods * this.#parts.loss.probeTimeoutMs);
    this.#parts.timers.set('drain', now + Math.min(drainMs, this.#liveness.idleTimeoutMs));
  }

  #finishWith(now: number, end: ConnectionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#parts.observer?.onEnded(now, end);
    if (this.#isAnnounced) this.#options.emit({ type: 'closed', connection: this, end });
  }

  // RUDP-LOSS-5
  #handleLossTimer(now: number): void {
    this.#outcomes.now = now;
    if (!this.#parts.loss.handleDeadline(now)) return;
    this.#path?.allowProbes(probePackets);
    this.#outcomes.handleProbeTimeout(probePackets);
    this.#paths.handleProbeTimeout(now);
  }

  /** Everything goes to the address of now: what is on its way may be lost, two packets find out (RFC 9000 §9.4). */
  #resumeOnPath(now: number, isMoved: boolean): void {
    if (this.#outcomes.resume(now, probePackets)) this.#path?.allowProbes(probePackets);
    if (isMoved && this.#end === undefined) this.#options.emit({ type: 'migrated', connection: this });
  }

  #rearm(): void {
    const { timers, loss, received } = this.#parts;
    if (!isOpen(this.state)) return;
    timers.set('ack-delay', this.#paths.isMute ? undefined : received.ackDeadline);
    if (this.#end !== undefined) return;
    // RFC 9002 §6.2.2.1: a probe that may not leave is no reason to wake up.
    timers.set('loss-detection', this.#paths.isBlocked ? undefined : loss.deadline);
    timers.set('path-validation', this.#paths.deadline);
    timers.set('pacing', this.#path?.pacingDeadline);
  }
}
