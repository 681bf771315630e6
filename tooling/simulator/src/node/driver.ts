import type { Address, DatagramTrain, Random, SimulatedEndpoint } from '@parley/netsim';
import type { Endpoint, EndpointEvent } from '@parley/rudp/core';
import type { DriverPlan } from '../plan/plan.ts';
import type { Arrival, Mangler } from './mangler.ts';

/** What a driver tells the checkers. */
export interface DriverObserver {
  /** Datagrams are about to leave for `remote`; the bytes are valid during the call. */
  onSent(remote: Address, bytes: Uint8Array): void;
  /** A datagram is handed to the endpoint. */
  onReceived(remote: Address, bytes: Uint8Array): void;
  /** The endpoint reported an event, in the call that caused it. */
  onEvent(event: EndpointEvent): void;
  /** A datagram was handed over and its events were taken. */
  onHandled(): void;
}

/**
 * The program around an endpoint: its clock, its timers, its socket. It can be late, asleep, suspended with its machine, and
 * die and start again. To the simulation it looks like an endpoint.
 */
export class Driver implements SimulatedEndpoint {
  readonly #plan: DriverPlan;
  readonly #random: Random;
  readonly #mangler: Mangler;
  readonly #observer: DriverObserver;
  #endpoint: Endpoint;
  #clockAheadMs: number;
  #events: EndpointEvent[] = [];
  #awakeAtMs: number | undefined;
  readonly #inbox: Arrival[] = [];
  #inboxBytes = 0;
  #whenAwake: (() => void)[] = [];
  #askedDeadlineMs: number | undefined;
  #lateMs = 0;
  #isPunctual = false;

  constructor(options: {
    endpoint: Endpoint;
    plan: DriverPlan;
    random: Random;
    mangler: Mangler;
    observer: DriverObserver;
  }) {
    this.#endpoint = options.endpoint;
    this.#plan = options.plan;
    this.#random = options.random;
    this.#mangler = options.mangler;
    this.#observer = options.observer;
    this.#clockAheadMs = options.plan.clockStartMs;
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /** From here on timers are in time and datagrams arrive as they were sent. */
  stopFaults(): void {
    this.#mangler.stop();
    this.#lateMs = 0;
    this.#isPunctual = true;
  }

  /** What this side's own clock says at a time of the simulation. */
  localTime(now: number): number {
    return now + this.#clockAheadMs;
  }

  /** The clock leaps forward. */
  jumpClock(byMs: number): void {
    this.#clockAheadMs += byMs;
  }

  /** The program is not scheduled until then. */
  sleepUntil(untilMs: number): void {
    this.#awakeAtMs = Math.max(this.#awakeAtMs ?? 0, untilMs);
  }

  /** Runs an action of the program: now, or when it is awake again. */
  act(action: () => void): void {
    if (this.#awakeAtMs === undefined) action();
    else this.#whenAwake.push(action);
  }

  /** The process dies, and another one takes its place on the same address. */
  replaceEndpoint(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#events = [];
    this.#whenAwake = [];
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
    this.#awakeAtMs = undefined;
  }

  handleDatagram(now: number, remote: Address, bytes: Uint8Array<ArrayBuffer>): void {
    for (const arrival of this.#mangler.arrivals(remote, bytes)) this.#receive(now, arrival);
  }

  /** A datagram of somebody who is not part of the network. */
  handleForeignDatagram(now: number, remote: Address, bytes: Uint8Array<ArrayBuffer>): void {
    this.#receive(now, { remote, bytes });
  }

  handleDeadline(now: number): void {
    if (this.#awakeAtMs === undefined) this.#expire(now);
    else if (this.#awakeAtMs <= now) this.#wake(now);
  }

  pollDeadline(): number | undefined {
    if (this.#awakeAtMs !== undefined) return this.#awakeAtMs;
    const deadlineMs = this.#endpoint.pollDeadline();
    if (deadlineMs === undefined) return undefined;
    if (deadlineMs !== this.#askedDeadlineMs && !this.#isPunctual) {
      this.#lateMs = this.#random.ratio() * this.#plan.timerLatenessMs;
    }
    this.#askedDeadlineMs = deadlineMs;
    return this.#simulationTime(deadlineMs) + this.#lateMs;
  }

  /** When the local clock shows a time, or a rounding error later: a timer never fires early. */
  #simulationTime(localMs: number): number {
    const atMs = localMs - this.#clockAheadMs;
    if (this.localTime(atMs) >= localMs) return atMs;
    return atMs + 2 * Number.EPSILON * Math.max(Math.abs(atMs), this.#clockAheadMs);
  }

  pollTransmit(now: number, buffer: Uint8Array<ArrayBuffer>): DatagramTrain | undefined {
    if (this.#awakeAtMs !== undefined) return undefined;
    const train = this.#endpoint.pollTransmit(this.localTime(now), buffer);
    if (train === undefined) return undefined;
    for (let start = 0; start < train.byteLength; start += train.segmentBytes) {
      const end = Math.min(start + train.segmentBytes, train.byteLength);
      this.#observer.onSent(train.remote, buffer.subarray(start, end));
    }
    return train;
  }

  pollEvent(): EndpointEvent | undefined {
    if (this.#awakeAtMs !== undefined) return undefined;
    this.#takeEvents();
    return this.#events.shift();
  }

  #receive(now: number, arrival: Arrival): void {
    if (this.#awakeAtMs === undefined) this.#handOver(now, arrival);
    else if (this.#inboxBytes + arrival.bytes.length <= this.#plan.socketBytesMax) {
      this.#inbox.push(arrival);
      this.#inboxBytes += arrival.bytes.length;
    }
  }

  #handOver(now: number, { remote, bytes, segmentBytes }: Arrival): void {
    this.#observer.onReceived(remote, bytes);
    this.#endpoint.handleDatagram(this.localTime(now), remote, bytes, undefined, undefined, segmentBytes);
    this.#takeEvents();
    this.#observer.onHandled();
  }

  #wake(now: number): void {
    this.#awakeAtMs = undefined;
    if (this.#plan.isTimerFirst) this.#expire(now);
    this.#inboxBytes = 0;
    for (const arrival of this.#inbox.splice(0)) this.#handOver(now, arrival);
    const actions = this.#whenAwake;
    this.#whenAwake = [];
    for (const action of actions) action();
  }

  #expire(now: number): void {
    this.#endpoint.handleDeadline(this.localTime(now));
    this.#takeEvents();
    this.#observer.onHandled();
  }

  /** Events are noted where they happen, so that the checkers see them before the datagrams that follow. */
  #takeEvents(): void {
    for (;;) {
      const event = this.#endpoint.pollEvent();
      if (event === undefined) return;
      this.#observer.onEvent(event);
      this.#events.push(event);
    }
  }
}
