import type { ServerLimits } from '@parley/server-core';
import type { ChatServer, ConnectionId, ServerEvent } from '@parley/server-core/pure';
import type { Violations } from '../../checkers/violations.ts';

/** Writes that nobody asked for and that no limit counts: what is to be forgotten, and another name. */
const UNCOUNTED_WRITES_MAX = 64;

/** What a server was told and what it did, counted by somebody else, to be held against its own figures. */
export class ServerBooks {
  readonly #violations: Violations;
  readonly #domain: ChatServer;
  readonly #limits: ServerLimits;
  /** Connections that the server was told of and that have not ended. */
  readonly #open = new Set<ConnectionId>();
  #opened = 0;
  #sent = 0;

  constructor(violations: Violations, domain: ChatServer, limits: ServerLimits) {
    this.#violations = violations;
    this.#domain = domain;
    this.#limits = limits;
  }

  /** Before an event is handled. */
  note(event: ServerEvent): void {
    if (event.type === 'connection-opened') {
      this.#open.add(event.connectionId);
      this.#opened += 1;
    }
    if (event.type === 'connection-closed') this.#open.delete(event.connectionId);
  }

  noteSent(connectionId: ConnectionId, type: string): void {
    this.#sent += 1;
    this.#violations.require(this.#open.has(connectionId), 'last words', () => {
      return `${type} was sent to connection ${connectionId} after its end`;
    });
  }

  noteClose(connectionId: ConnectionId): void {
    this.#violations.require(this.#open.delete(connectionId), 'last words', () => {
      return `connection ${connectionId} was closed twice`;
    });
  }

  audit(): void {
    const { sessions, registered, deadlines, pendingWrites, pendingRequests, counters } =
      this.#domain.statistics();
    this.#equal('sessions', sessions, this.#open.size);
    this.#equal('deadlines', deadlines, this.#open.size);
    this.#equal('connections opened', counters.connectionsOpened, this.#opened);
    this.#equal('messages sent', counters.messagesSent, this.#sent);
    const { queuedWritesMax, writesPerBatchMax, pendingRequestsMax } = this.#limits;
    this.#atMost('pending writes', pendingWrites, queuedWritesMax + writesPerBatchMax + UNCOUNTED_WRITES_MAX);
    this.#atMost('pending requests', pendingRequests, pendingRequestsMax * sessions);
    this.#atMost('registered', registered, sessions);
  }

  auditEmpty(): void {
    const { rooms: _, counters: __, pendingWrites, ...held } = this.#domain.statistics();
    // What is to be forgotten is written whether somebody is here or not.
    this.#atMost('pending writes', pendingWrites, 1);
    for (const [name, count] of Object.entries(held)) {
      this.#violations.require(count === 0, 'leak', () => `${name} is ${count} after everybody has left`);
    }
  }

  #equal(name: string, told: number, counted: number): void {
    this.#violations.require(told === counted, 'statistics', () => {
      return `${name}: the server says ${told}, there were ${counted}`;
    });
  }

  #atMost(name: string, count: number, most: number): void {
    this.#violations.require(count <= most, 'bounds', () => `${name}: ${count}, at most ${most}`);
  }
}
