import { createRandom, type SimulatedNode, Simulation } from '@parley/netsim';
import { type Connection, Endpoint, type EndpointEvent } from '@parley/rudp/core';
import { Violations } from '../checkers/violations.ts';
import { insecureSimulatorCrypto } from '../node/insecure-crypto.ts';
import { StreamEnd } from './stream-end.ts';

/** A bad line, but no hopeless one. */
const LINE = { delayMs: 25, rateBitsPerSecond: 50e6, loss: 0.01, jitterMs: 2, duplicateRatio: 0.001 };
const FILE_BYTES = 1_000_000;
const FILE_EVERY_MS = 30_000;
/** What is asked on the connection that lasts, and how often: sooner than it would count as idle. */
const QUESTION_BYTES = 1_000;
const QUESTION_EVERY_MS = 10_000;
/** The client gets another address in the middle of an hour, while a file is on its way. */
const REBIND_AFTER_MS = 1_800_100;
const HOUR_MS = 3_600_000;

/** What there is at the end of a simulated hour. */
export interface SoakHour {
  readonly hour: number;
  /** Files that have arrived so far, each of them whole and right. */
  readonly files: number;
  /** Bytes that came back over the connection that lasts. */
  readonly answeredBytes: number;
  /** Connections of both endpoints, those included that are over and still answer late packets. */
  readonly connections: number;
}

type Side = 'client' | 'server';

/**
 * One client and one server for hours: a file every half minute over a connection of its own, one connection that lasts from the
 * beginning to the end with questions and answers, and another address for the client every hour.
 */
export class Soak {
  readonly #simulation: Simulation;
  readonly #nodes: Readonly<Record<Side, SimulatedNode<Endpoint>>>;
  readonly #violations = new Violations(() => this.#simulation.now);
  readonly #ends = new Map<Connection, StreamEnd>();
  readonly #lasting: StreamEnd;
  #opened = 0;
  #accepted = 0;
  #files = 0;

  constructor(seed: number) {
    this.#simulation = new Simulation({ seed: `soak ${seed}`, defaultLink: LINE, traceRecordsMax: 1 });
    this.#nodes = { client: this.#addNode('client', seed), server: this.#addNode('server', seed) };
    this.#lasting = this.#open({ endsWhenSent: false });
  }

  /** Lets the hours pass, and calls `onHour` after each. Throws when a byte is wrong, a file is missing or a connection is lost. */
  run(hours: number, onHour: (hour: SoakHour) => void): void {
    for (let hour = 1; hour <= hours; hour += 1) {
      const startMs = (hour - 1) * HOUR_MS;
      this.#plan(startMs);
      this.#simulation.run({ untilMs: startMs + HOUR_MS });
      const [violation] = this.#violations.all;
      if (violation !== undefined) throw new Error(violation.text);
      const { client, server } = this.#nodes;
      const filesDue = (hour * HOUR_MS) / FILE_EVERY_MS;
      if (this.#files !== filesDue) throw new Error(`${this.#files} of ${filesDue} files have arrived`);
      onHour({
        hour,
        files: this.#files,
        answeredBytes: this.#lasting.takenBytes,
        connections: client.endpoint.connectionCount + server.endpoint.connectionCount,
      });
    }
  }

  #addNode(side: Side, seed: number): SimulatedNode<Endpoint> {
    const endpoint = new Endpoint({
      crypto: insecureSimulatorCrypto(createRandom(`${side} ${seed}`)),
      acceptsConnections: side === 'server',
    });
    return this.#simulation.addEndpoint(side, endpoint, {
      keepsEvents: false,
      onEvent: (event) => this.#handleEvent(side, event),
    });
  }

  #plan(startMs: number): void {
    const simulation = this.#simulation;
    for (let ms = 0; ms < HOUR_MS; ms += FILE_EVERY_MS)
      simulation.schedule(startMs + ms, () => this.#open({ endsWhenSent: true }).write());
    for (let ms = 0; ms < HOUR_MS; ms += QUESTION_EVERY_MS)
      simulation.schedule(startMs + ms, () => this.#lasting.owe(QUESTION_BYTES));
    const address = { host: '192.0.2.1', port: 20_000 + startMs / HOUR_MS };
    simulation.schedule(startMs + REBIND_AFTER_MS, () => simulation.network.rebind('client', address));
  }

  #open({ endsWhenSent }: { readonly endsWhenSent: boolean }): StreamEnd {
    const { client, server } = this.#nodes;
    const connection = client.endpoint.connect(this.#simulation.now, server.address);
    const end = new StreamEnd({
      name: `connection ${this.#opened}, client`,
      connection,
      sends: 2 * this.#opened,
      expects: 2 * this.#opened + 1,
      endsWhenSent,
      violations: this.#violations,
    });
    this.#opened += 1;
    this.#ends.set(connection, end);
    return end;
  }

  #handleEvent(side: Side, event: EndpointEvent): void {
    const { connection } = event;
    if (event.type === 'connection-accepted') this.#accept(connection);
    const end = this.#ends.get(connection);
    if (end === undefined) return;
    if (event.type === 'writable') end.write();
    if (event.type === 'readable') this.#take(side, connection, end);
    if (event.type === 'closed') {
      this.#ends.delete(connection);
      if (event.end.kind !== 'finished')
        throw new Error(`${side}: a connection ended as ${JSON.stringify(event.end)}`);
    }
  }

  /** The first connection is the one that lasts; each of the others is for a file. */
  #accept(connection: Connection): void {
    const number = this.#accepted;
    this.#accepted += 1;
    const isFile = number > 0;
    const end = new StreamEnd({
      name: `connection ${number}, server`,
      connection,
      sends: 2 * number + 1,
      expects: 2 * number,
      endsWhenSent: isFile,
      violations: this.#violations,
    });
    this.#ends.set(connection, end);
    if (isFile) end.owe(FILE_BYTES);
  }

  #take(side: Side, connection: Connection, end: StreamEnd): void {
    const byteLength = end.take();
    if (side === 'server') {
      if (byteLength > 0) end.owe(byteLength);
    } else if (connection.isReceiveFinished && end.takenBytes === FILE_BYTES) this.#files += 1;
  }
}
