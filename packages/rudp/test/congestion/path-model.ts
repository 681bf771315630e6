import type { CongestionController } from '../../src/core/congestion/controller.ts';

import { type ModelAck, type ModelPacket, ModelReceiver, ModelSender, PACKET_BYTES } from './model-flow.ts';
import { TimedQueue } from './timed-queue.ts';

/** One bottleneck: a rate, a drop-tail queue in front of it, independent loss behind it, and the delay of each flow. */
export interface PathOptions {
  readonly rateMbps: number;
  readonly queueBytes: number;
  /** Part of the packets that the wire loses, 0 to 1. */
  readonly lossRatio: number;
  /** Gilbert–Elliott on top of it: parts of the packets that enter and leave the bad state, and that the bad state loses. */
  readonly burst?: { readonly enter: number; readonly leave: number; readonly lossRatio: number };
  /** Extra delay of each packet behind the queue, uniform from 0: packets overtake each other. */
  readonly jitterMs?: number;
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number;
  /** Makes the event loop of one end; punctual without it. */
  readonly eventLoop?: () => EventLoop;
}

/** When something due at a time is really served. */
export interface EventLoop {
  /** A datagram that arrives. */
  datagram(dueMs: number): number;
  /** A timer that is set at `now`. */
  timer(now: number, dueMs: number): number;
}

const punctual: EventLoop = { datagram: (dueMs) => dueMs, timer: (_now, dueMs) => dueMs };

/** One flow over the bottleneck, and what was seen of it. */
export class ModelFlow {
  readonly sender: ModelSender;
  readonly receiver: ModelReceiver;
  readonly delayMs: number;
  readonly senderLoop: EventLoop;
  readonly receiverLoop: EventLoop;
  readonly towardsReceiver = new TimedQueue<ModelPacket>();
  readonly towardsSender = new TimedQueue<{ readonly ack: ModelAck; readonly arrivedAtMs: number }>();
  startsAtMs: number;
  wakeAtMs = Number.POSITIVE_INFINITY;
  queueDroppedBytes = 0;

  constructor(
    controller: CongestionController,
    rttMs: number,
    options: { readonly startsAtMs: number; readonly eventLoop: () => EventLoop },
  ) {
    this.senderLoop = options.eventLoop();
    this.receiverLoop = options.eventLoop();
    controller.onEstablished?.({ now: options.startsAtMs, rttMs, hint: undefined });
    this.sender = new ModelSender(controller);
    this.receiver = new ModelReceiver(rttMs);
    this.delayMs = rttMs / 2;
    this.startsAtMs = options.startsAtMs;
    this.wakeAtMs = options.startsAtMs;
  }
}

/** Packet-level and deterministic: the same seed gives the same run. Time is virtual, in milliseconds. */
export class PathModel {
  now = 0;
  readonly flows: ModelFlow[] = [];
  rateMbps: number;
  lossRatio: number;
  queueBytesMax: number;
  /** Integral of the queue's length over time, in byte-milliseconds. */
  queueByteMs = 0;
  queueBytes = 0;
  readonly #queue: { flow: ModelFlow; packetNumber: number }[] = [];
  #queueHead = 0;
  #serveAtMs = Number.POSITIVE_INFINITY;
  #isBad = false;
  readonly #burst: PathOptions['burst'];
  readonly #jitterMs: number;
  readonly #random: () => number;
  readonly #eventLoop: () => EventLoop;

  constructor(options: PathOptions) {
    this.rateMbps = options.rateMbps;
    this.lossRatio = options.lossRatio;
    this.queueBytesMax = options.queueBytes;
    this.#burst = options.burst;
    this.#jitterMs = options.jitterMs ?? 0;
    this.#random = options.random;
    this.#eventLoop = options.eventLoop ?? (() => punctual);
  }

  addFlow(controller: CongestionController, rttMs: number, startsAtMs = this.now): ModelFlow {
    const flow = new ModelFlow(controller, rttMs, { startsAtMs, eventLoop: this.#eventLoop });
    this.flows.push(flow);
    return flow;
  }

  /** Runs until `untilMs`. */
  run(untilMs: number): void {
    for (;;) {
      const next = Math.min(this.#serveAtMs, ...this.flows.map(nextEventAt));
      if (next > untilMs) break;
      this.queueByteMs += this.queueBytes * (next - this.now);
      this.now = next;
      if (this.#serveAtMs <= next) this.#serve();
      for (const flow of this.flows) this.#step(flow);
    }
    this.queueByteMs += this.queueBytes * (untilMs - this.now);
    this.now = untilMs;
  }

  #step(flow: ModelFlow): void {
    const { now } = this;
    while (flow.towardsReceiver.nextAt <= now) {
      const ack = flow.receiver.handlePacket(now, flow.towardsReceiver.shift());
      if (ack) sendAck(flow, ack, now);
    }
    if (flow.receiver.ackAt <= now) {
      sendAck(flow, flow.receiver.takeAck(now), now);
    }
    if (now < flow.startsAtMs) return;
    const send = (packetNumber: number) => this.#enqueue(flow, packetNumber);
    const hasAck = flow.towardsSender.nextAt <= now;
    while (flow.towardsSender.nextAt <= now) {
      const { ack, arrivedAtMs } = flow.towardsSender.shift();
      flow.sender.handleAck(now, ack, arrivedAtMs);
    }
    if (flow.sender.ptoAt <= now) flow.sender.handlePto(now, send);
    if (!hasAck && flow.wakeAtMs > now) return;
    flow.sender.transmit(now, send);
    const at = flow.sender.nextSendAt(now);
    flow.wakeAtMs = at === Number.POSITIVE_INFINITY ? at : flow.senderLoop.timer(now, Math.max(at, now));
  }

  #enqueue(flow: ModelFlow, packetNumber: number): void {
    if (this.queueBytes + PACKET_BYTES > this.queueBytesMax && this.queueBytes > 0) {
      flow.queueDroppedBytes += PACKET_BYTES;
      return;
    }
    this.queueBytes += PACKET_BYTES;
    this.#queue.push({ flow, packetNumber });
    if (this.#serveAtMs === Number.POSITIVE_INFINITY) this.#serveAtMs = this.now + this.#serviceMs;
  }

  #serve(): void {
    const head = this.#queue[this.#queueHead];
    if (head === undefined) throw new Error('expected a packet to serve, the queue is empty');
    this.#queueHead += 1;
    if (this.#queueHead > 4096) {
      this.#queue.splice(0, this.#queueHead);
      this.#queueHead = 0;
    }
    this.queueBytes -= PACKET_BYTES;
    if (!this.#isLost()) {
      const { flow, packetNumber } = head;
      const arrivesAtMs = this.now + flow.delayMs + this.#jitterMs * this.#random();
      flow.towardsReceiver.push(flow.receiverLoop.datagram(arrivesAtMs), {
        packetNumber,
        arrivedAtMs: arrivesAtMs,
      });
    }
    const isEmpty = this.#queueHead === this.#queue.length;
    this.#serveAtMs = isEmpty ? Number.POSITIVE_INFINITY : this.now + this.#serviceMs;
  }

  #isLost(): boolean {
    if (this.#burst !== undefined) {
      this.#isBad = this.#random() < (this.#isBad ? 1 - this.#burst.leave : this.#burst.enter);
      if (this.#isBad && this.#random() < this.#burst.lossRatio) return true;
    }
    return this.#random() < this.lossRatio;
  }

  get #serviceMs(): number {
    return (PACKET_BYTES * 8) / (this.rateMbps * 1000);
  }
}

function sendAck(flow: ModelFlow, ack: ModelAck, now: number): void {
  const arrivedAtMs = now + flow.delayMs;
  flow.towardsSender.push(flow.senderLoop.datagram(arrivedAtMs), { ack, arrivedAtMs });
}

function nextEventAt(flow: ModelFlow): number {
  return Math.min(
    flow.towardsReceiver.nextAt,
    flow.towardsSender.nextAt,
    flow.receiver.ackAt,
    flow.wakeAtMs,
    flow.sender.ptoAt,
  );
}

/** How often a machine stops a program, on average, and for how long. */
export interface Stalls {
  readonly everyMs: number;
  readonly msMin: number;
  readonly msMax: number;
}

/** Garbage collection and other work: as measured on a busy machine. */
export const BUSY_STALLS: Stalls = { everyMs: 100, msMin: 1, msMax: 3.5 };
/** Several programs for each core. */
export const STARVED_STALLS: Stalls = { everyMs: 30, msMin: 5, msMax: 35 };

/**
 * The loop of Node on a busy machine: it stalls now and then, a timer takes at least a millisecond and fires up to 0.3 ms late, and waits below 0.25 ms are turns of the loop.
 */
export function busyEventLoop(random: () => number, { everyMs, msMin, msMax }: Stalls): EventLoop {
  let stallStartMs = 0;
  let stallEndMs = 0;
  const datagram = (dueMs: number): number => {
    while (stallEndMs < dueMs) {
      stallStartMs = stallEndMs - everyMs * Math.log(1 - random());
      stallEndMs = stallStartMs + msMin + (msMax - msMin) * random();
    }
    return dueMs > stallStartMs ? stallEndMs : dueMs;
  };
  const timer = (now: number, dueMs: number): number => {
    const waitMs = dueMs - now;
    return datagram(waitMs < 0.25 ? dueMs : now + Math.max(waitMs, 1) + 0.3 * random());
  };
  return { datagram, timer };
}
