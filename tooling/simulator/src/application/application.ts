import type { Connection, EndpointEvent } from '@parley/rudp/core';
import { checkTruth } from '../checkers/ends.ts';
import { EventOrderChecker } from '../checkers/event-order.ts';
import { OrderedStreamChecker } from '../checkers/ordered-stream.ts';
import { PositionalSinkChecker } from '../checkers/positional-sink.ts';
import type { Violations } from '../checkers/violations.ts';
import type { ApplicationPlan, ConnectionPlan } from '../plan/plan.ts';
import { StreamPattern } from './stream-pattern.ts';

/** What an application needs of the process that it runs in. */
export interface ApplicationHost {
  /** The process's clock. */
  readonly now: number;
  /** Runs an action later, unless the process has died by then. */
  schedule(delayMs: number, action: () => void): void;
}

const READ_INTERVAL_MS = 10;
const FINISH_DELAY_MS = 700;
const readBuffer = new Uint8Array(65_536);

/** The program of one side on one connection: writes its stream, takes the other's, and checks what it sees. */
export class Application {
  readonly name: string;
  readonly connection: Connection;
  readonly plan: ApplicationPlan;
  readonly peerPlan: ApplicationPlan;
  readonly key: ConnectionPlan['key'];
  /** The other side's program, when there is one. */
  peer: Application | undefined;
  writtenBytes = 0;
  hasFinished = false;
  hasReadEverything = false;
  /** When the process's clock showed the whole stream as read. */
  readEverythingAtMs: number | undefined;
  establishedAtMs: number | undefined;
  /** The process died under it. */
  isDead = false;
  /** When the connection was over, on the simulation's clock. */
  endedAtMs: number | undefined;

  readonly #host: ApplicationHost;
  readonly #violations: Violations;
  readonly #events: EventOrderChecker;
  readonly #sends: StreamPattern;
  readonly #ordered: OrderedStreamChecker;
  readonly #sink: PositionalSinkChecker | undefined;
  #isReadScheduled = false;
  #hasStarted = false;

  constructor(options: {
    side: 'client' | 'server';
    index: number;
    connection: Connection;
    plan: ConnectionPlan;
    host: ApplicationHost;
    violations: Violations;
  }) {
    const { side, index, connection, violations, host, plan } = options;
    this.name = `connection ${index}, ${side}`;
    this.connection = connection;
    this.plan = plan[side];
    this.peerPlan = plan[side === 'client' ? 'server' : 'client'];
    this.key = plan.key;
    this.#host = host;
    this.#violations = violations;
    this.#events = new EventOrderChecker(violations, this.name);
    this.#sends = new StreamPattern(2 * index + (side === 'client' ? 0 : 1));
    const expected = new StreamPattern(2 * index + (side === 'client' ? 1 : 0));
    const { name } = this;
    this.#ordered = new OrderedStreamChecker(violations, { name, expected });
    if (this.plan.receives === 'positional') {
      this.#sink = new PositionalSinkChecker(violations, { name, expected, bytes: this.peerPlan.sendBytes });
    }
  }

  /** Stream bytes that were read or handed to the sink so far. */
  get receivedBytes(): number {
    return this.#sink?.receivedBytes ?? this.#ordered.receivedBytes;
  }

  /** Begins to write and to read. Before the connection is established is early enough. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    if (this.#sink !== undefined) this.connection.receiveInto(this.#sink);
    const { pause, reset } = this.plan;
    if (pause !== undefined) this.#schedulePause(pause);
    if (reset !== undefined) this.#scheduleReset(reset);
    this.#write();
  }

  handleEvent(event: EndpointEvent): void {
    if (event.type === 'connection-accepted' || event.type === 'connection-established') {
      this.establishedAtMs = this.#host.now;
      this.start();
    }
    if (event.type === 'readable') this.#read();
    if (event.type === 'writable') this.#write();
  }

  /** Looks at an event at the moment at which it is reported, which may be before the program gets to see it. */
  checkEvent(event: EndpointEvent): void {
    this.#events.handleEvent(event.type);
    if (event.type === 'finished' || event.type === 'closed') checkTruth(this.#violations, this, event.type);
  }

  #schedulePause({ afterMs, forMs }: { afterMs: number; forMs: number }): void {
    this.#host.schedule(afterMs, () => {
      this.connection.pauseReceiving();
      this.#host.schedule(forMs, () => this.connection.resumeReceiving());
    });
  }

  #scheduleReset({ afterMs, code }: { afterMs: number; code: number }): void {
    this.#host.schedule(afterMs, () => this.connection.reset(this.#host.now, code, 'as planned'));
  }

  #write(): void {
    const { sendBytes, writeBytes, finishes } = this.plan;
    while (this.writtenBytes < sendBytes) {
      const bytes = this.#sends.at(this.writtenBytes, Math.min(writeBytes, sendBytes - this.writtenBytes));
      const taken = this.connection.write(bytes);
      this.writtenBytes += taken;
      if (taken < bytes.length) return;
    }
    if (finishes === 'after-writing') this.#finish();
    if (finishes === 'after-a-while') this.#host.schedule(FINISH_DELAY_MS, () => this.#finish());
    if (finishes === 'after-reading' && this.hasReadEverything) this.#finish();
  }

  #finish(): void {
    if (this.hasFinished || this.connection.end !== undefined) return;
    this.hasFinished = true;
    this.connection.finish();
  }

  #read(): void {
    if (this.#isReadScheduled) return;
    let left = this.plan.readBytesPer10Ms;
    while (left > 0) {
      const count = this.connection.read(readBuffer.subarray(0, Math.min(left, readBuffer.length)));
      if (count === 0) break;
      left -= count;
      this.#ordered.take(readBuffer.subarray(0, count));
    }
    if (this.connection.isReceiveFinished) this.#handleReadEverything();
    else if (left === 0) this.#scheduleRead();
  }

  #scheduleRead(): void {
    this.#isReadScheduled = true;
    this.#host.schedule(READ_INTERVAL_MS, () => {
      this.#isReadScheduled = false;
      this.#read();
    });
  }

  #handleReadEverything(): void {
    if (this.hasReadEverything) return;
    this.hasReadEverything = true;
    this.readEverythingAtMs = this.#host.now;
    const received = this.receivedBytes;
    this.#violations.require(
      received === this.peerPlan.sendBytes,
      'whole stream',
      () => `${this.name}: the stream ended after ${received} of ${this.peerPlan.sendBytes} bytes`,
    );
    const isWritten = this.writtenBytes === this.plan.sendBytes;
    if (this.plan.finishes === 'after-reading' && isWritten) this.#finish();
  }
}
