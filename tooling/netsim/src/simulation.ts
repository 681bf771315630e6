import { type Address, formatAddress } from './address.ts';
import {
  type EcnMark,
  type EventOf,
  type SimulatedEndpoint,
  splitTrain,
  TRAIN_BYTES_MAX,
} from './endpoint.ts';
import { EventQueue } from './event-queue.ts';
import type { LinkOptions } from './link-options.ts';
import { Network } from './network.ts';
import { arm, type NodeOptions, type NodeState, type SimulatedNode } from './node.ts';
import { createRandom, type Random } from './random.ts';
import { SimulationError, type SimulationErrorCode } from './simulation-error.ts';
import { Trace } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Settings of a simulation; only the seed is needed. */
export interface SimulationOptions {
  /** Decides every fault. Print it: the same seed replays the same run. */
  readonly seed: number | string;
  /** Link options of every path that is not configured by itself. */
  readonly defaultLink?: LinkOptions;
  /** What `now` starts with; 0 unless told. */
  readonly startMs?: number;
  /** Records kept in the trace; 100,000 unless told. */
  readonly traceRecordsMax?: number;
}

/** Bounds of one run, so that a stuck simulation fails instead of spinning. */
export interface RunLimits {
  /** Virtual milliseconds from the start of the call; one hour unless told. */
  readonly limitMs?: number;
  /** Deliveries, deadlines and scheduled actions; five million unless told. */
  readonly stepsMax?: number;
}

interface Arrival {
  readonly to: Address;
  readonly source: Address;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mark: EcnMark;
}

type Happening = Arrival | { readonly action: () => void };

// Work at one and the same instant is finite; an endpoint whose deadline stays in the past would go on forever.
const STEPS_WITHOUT_PROGRESS_MAX = 100_000;
// A sender that never runs dry within one drain is broken, whatever its window: this is 6.5 GB at once.
const TRAINS_PER_DRAIN_MAX = 100_000;
const EVENTS_PER_DRAIN_MAX = 100_000;

/**
 * Endpoints, a network and a clock that belong together. Give commands to the endpoints at `now`, then `run`: the
 * simulation jumps from one thing that happens (an arrival, a deadline, a scheduled action) to the next, and after
 * each takes what the endpoints send and report.
 */
export class Simulation {
  readonly seed: string;
  readonly network: Network;
  /** Chance for the test itself: forks of it do not disturb the network's. */
  readonly random: Random;
  readonly trace: Trace;
  readonly #random: Random;
  readonly #clock: VirtualClock;
  readonly #queue = new EventQueue<Happening>();
  readonly #nodes = new Map<string, NodeState>();
  readonly #trainBuffer = new Uint8Array(TRAIN_BYTES_MAX);
  #stepsAtNow = 0;

  constructor(options: SimulationOptions) {
    this.#random = createRandom(options.seed);
    this.seed = this.#random.seed;
    this.random = this.#random.fork('test');
    this.network = new Network(this.#random.fork('network'), options.defaultLink);
    this.trace = new Trace(
      options.traceRecordsMax === undefined ? {} : { recordsMax: options.traceRecordsMax },
    );
    this.#clock = new VirtualClock(options.startMs);
  }

  /** The virtual time in milliseconds: pass it to every command. */
  get now(): number {
    return this.#clock.now;
  }

  /** Adds an endpoint under a name that is not taken. */
  addEndpoint<Endpoint extends SimulatedEndpoint>(
    name: string,
    endpoint: Endpoint,
    options: NodeOptions<EventOf<Endpoint>> = {},
  ): SimulatedNode<Endpoint> {
    const { network } = this;
    network.addNode(name, options.address);
    const events: EventOf<Endpoint>[] = [];
    this.#nodes.set(name, {
      name,
      endpoint,
      events,
      onEvent: options.onEvent,
      keepsEvents: options.keepsEvents ?? true,
      coalescedBytesMax: options.coalescedBytesMax ?? 0,
      timerLatenessMs: options.timerLatenessMs ?? 0,
      random: this.#random.fork(`node ${name}`),
      askedDeadlineMs: undefined,
      deadlineMs: Number.POSITIVE_INFINITY,
      pausedUntilMs: Number.NEGATIVE_INFINITY,
    });
    return {
      name,
      endpoint,
      events,
      get address() {
        return network.addressOf(name);
      },
    };
  }

  /** Runs an action at a time from now on, before the deadlines of that time. */
  schedule(atMs: number, action: () => void): void {
    if (!(atMs >= this.now)) throw new RangeError(`expected a time from ${this.now} ms on, got ${atMs} ms`);
    this.#queue.push(atMs, { action });
  }

  /**
   * Stops a node's program for a while, as a busy machine, a garbage collection or SIGSTOP do: it sends nothing, and what
   * arrives and what is due waits until then.
   */
  pause(name: string, forMs: number): void {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new RangeError(`expected the name of an endpoint, got ${name}`);
    node.pausedUntilMs = Math.max(node.pausedUntilMs, this.now + forMs);
    node.deadlineMs = Math.max(node.deadlineMs, node.pausedUntilMs);
    // Whatever else happens then, the program goes on.
    this.schedule(node.pausedUntilMs, () => {});
  }

  /** Takes what the endpoints have to send and to report after commands; `step` and `run` begin with it. */
  settle(): void {
    // An event hook may give commands to any endpoint: go on until a whole round brings no news.
    for (let round = 0; this.#drainAll(); round++) {
      if (round >= STEPS_WITHOUT_PROGRESS_MAX)
        throw this.#error('no-progress', 'events go on at the same instant');
    }
  }

  /** Jumps to the next thing that happens and lets it happen; false when nothing ever will. */
  step(): boolean {
    this.settle();
    const deadlineMs = this.#nextDeadlineMs();
    const arrivalMs = this.#queue.nextAtMs ?? Number.POSITIVE_INFINITY;
    const atMs = Math.min(deadlineMs, arrivalMs);
    if (atMs === Number.POSITIVE_INFINITY) return false;
    this.#advance(atMs);
    if (arrivalMs <= deadlineMs) this.#happen(this.#queue.pop() as Happening);
    else this.#expire();
    this.settle();
    return true;
  }

  /**
   * With `untilMs` (a time on the clock): lets everything up to then happen and leaves `now` there. Without it: runs
   * until nothing is left to happen, no deadline either.
   */
  run(options: { readonly untilMs?: number } & RunLimits = {}): void {
    const { untilMs } = options;
    if (untilMs === undefined) {
      this.#runWhile(() => true, options);
      return;
    }
    // A deadline in the past, such as one that a command has just set, belongs to the run as well.
    this.#runWhile(() => this.#nextAtMs() <= untilMs, { limitMs: Number.POSITIVE_INFINITY, ...options });
    if (untilMs > this.now) this.#advance(untilMs);
  }

  /** Runs until the predicate holds; an error with the seed when it does not within the limits, or never can. */
  runUntil(predicate: () => boolean, limits: RunLimits = {}): void {
    this.settle();
    if (this.#runWhile(() => !predicate(), limits) === 'idle' && !predicate()) {
      throw this.#error('idle', 'nothing is left to happen and the condition does not hold');
    }
  }

  /** Steps while the predicate holds; tells whether it stopped holding or there was nothing left to do. */
  #runWhile(predicate: () => boolean, limits: RunLimits): 'stopped' | 'idle' {
    const { limitMs = 3_600_000, stepsMax = 5_000_000 } = limits;
    const endMs = this.now + limitMs;
    this.settle();
    for (let steps = 0; predicate(); steps++) {
      if (steps >= stepsMax) throw this.#error('steps-limit', `more than ${stepsMax} steps`);
      const nextAtMs = this.#nextAtMs();
      if (nextAtMs === Number.POSITIVE_INFINITY) return 'idle';
      if (nextAtMs > endMs) throw this.#error('time-limit', `more than ${limitMs} ms of virtual time`);
      this.step();
    }
    return 'stopped';
  }

  #nextAtMs(): number {
    return Math.min(this.#nextDeadlineMs(), this.#queue.nextAtMs ?? Number.POSITIVE_INFINITY);
  }

  #nextDeadlineMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const node of this.#nodes.values()) nextMs = Math.min(nextMs, node.deadlineMs);
    return nextMs;
  }

  #advance(atMs: number): void {
    // A deadline may be in the past when a command set it: it is due now.
    this.#stepsAtNow = atMs > this.now ? 0 : this.#stepsAtNow + 1;
    if (this.#stepsAtNow > STEPS_WITHOUT_PROGRESS_MAX) {
      throw this.#error('no-progress', `more than ${STEPS_WITHOUT_PROGRESS_MAX} steps at the same instant`);
    }
    this.#clock.advanceTo(Math.max(atMs, this.now));
  }

  #happen(happening: Happening): void {
    if ('action' in happening) {
      happening.action();
      return;
    }
    const name = this.network.nodeAt(happening.to);
    const node = name === undefined ? undefined : this.#nodes.get(name);
    if (node === undefined) return;
    if (node.pausedUntilMs > this.now) {
      this.#queue.push(node.pausedUntilMs, happening);
      return;
    }
    const bytes =
      node.coalescedBytesMax > 0 ? this.#coalesce(happening, node.coalescedBytesMax) : happening.bytes;
    node.endpoint.handleDatagram(this.now, happening.source, bytes, happening.mark);
  }

  /** Joins an arrival with those that follow at the same moment, the way receive offload does. */
  #coalesce(first: Arrival, bytesMax: number): Uint8Array<ArrayBuffer> {
    const parts = [first.bytes];
    let byteLength = first.bytes.length;
    while (this.#queue.nextAtMs === this.now) {
      const next = this.#queue.peek() as Happening;
      if ('action' in next || !isSame(next.to, first.to) || !isSame(next.source, first.source)) break;
      if (next.mark !== first.mark) break;
      if (next.bytes.length > first.bytes.length || byteLength + next.bytes.length > bytesMax) break;
      this.#queue.pop();
      parts.push(next.bytes);
      byteLength += next.bytes.length;
      if (next.bytes.length < first.bytes.length) break;
    }
    const joined = new Uint8Array(byteLength);
    let offset = 0;
    for (const part of parts) {
      joined.set(part, offset);
      offset += part.length;
    }
    return joined;
  }

  #expire(): void {
    for (const node of this.#nodes.values()) {
      if (node.deadlineMs <= this.now) node.endpoint.handleDeadline(this.now);
    }
  }

  /** True when there was anything to take. */
  #drainAll(): boolean {
    let wasBusy = false;
    for (const node of this.#nodes.values()) {
      if (this.#drain(node)) wasBusy = true;
    }
    return wasBusy;
  }

  #drain(node: NodeState): boolean {
    const { endpoint } = node;
    if (node.pausedUntilMs > this.now) return false;
    let trains = 0;
    for (;;) {
      const train = endpoint.pollTransmit(this.now, this.#trainBuffer);
      if (train === undefined) break;
      if (++trains > TRAINS_PER_DRAIN_MAX)
        throw this.#error('no-progress', `${node.name} never stops sending`);
      const mark = train.isEcnCapable ? 2 : 0;
      for (const bytes of splitTrain(train, this.#trainBuffer))
        this.#send(node.name, train.remote, { bytes, mark });
    }
    let events = 0;
    for (;;) {
      const event = endpoint.pollEvent();
      if (event === undefined) break;
      if (++events > EVENTS_PER_DRAIN_MAX)
        throw this.#error('no-progress', `${node.name} never stops reporting events`);
      if (node.keepsEvents) node.events.push(event);
      node.onEvent?.(event as never, this.now);
    }
    arm(node, endpoint.pollDeadline());
    return trains > 0 || events > 0;
  }

  #send(from: string, to: Address, { bytes, mark }: { bytes: Uint8Array<ArrayBuffer>; mark: EcnMark }): void {
    const byteLength = bytes.length;
    const firstBytes = bytes.slice(0, this.trace.firstBytesMax);
    const { fate, source, deliveries, isCorrupted, isHeldBack } = this.network.transmit(
      this.now,
      from,
      to,
      bytes,
      mark,
    );
    this.trace.add({
      sentAtMs: this.now,
      from,
      to: this.network.nodeAt(to) ?? formatAddress(to),
      byteLength,
      firstBytes,
      fate,
      deliveredAtMs: deliveries.map((delivery) => delivery.atMs),
      isCorrupted,
      isHeldBack,
    });
    for (const { atMs, ...delivery } of deliveries) this.#queue.push(atMs, { to, source, ...delivery });
  }

  #error(code: SimulationErrorCode, reason: string): SimulationError {
    const deadlines = [...this.#nodes.values()].map(({ name, deadlineMs }) => `${name} at ${deadlineMs} ms`);
    return new SimulationError(code, {
      reason,
      seed: this.seed,
      nowMs: this.now,
      waiting: `${this.#queue.length} arrivals or actions, deadlines: ${deadlines.join(', ') || 'none'}`,
      trace: this.trace,
    });
  }
}

function isSame(left: Address, right: Address): boolean {
  return left.host === right.host && left.port === right.port;
}
