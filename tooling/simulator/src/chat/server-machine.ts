import { createHash } from 'node:crypto';
import type { Random } from '@parley/netsim';
import { serverMessages } from '@parley/protocol';
import { DEFAULT_LIMITS, type ServerLimits } from '@parley/server-core';
import {
  ChatServer,
  type ConnectionId,
  type Effect,
  newLobby,
  type ServerEvent,
} from '@parley/server-core/pure';
import type { Violations } from '../checkers/violations.ts';
import { FaultyAccountStore, hashPassword, isPassword, sign } from './account-store.ts';
import { AuthorityChecker } from './checkers/authority-checker.ts';
import { ServerBooks } from './checkers/server-books.ts';
import type { FaultyStore, Outcome } from './faulty-store.ts';
import { LINGER_MS, ServerSide } from './server-side.ts';
import { START_TIME, type World } from './world.ts';

/** Why a message that is well-formed is not written. */
const REFUSALS: readonly string[] = [
  'not-stored',
  'rate-limited',
  'not-in-room',
  'room-not-found',
  'muted',
  'slow-mode',
  'not-permitted',
  'banned',
];
/** With which somebody becomes the operator, once. */
export const OPERATOR_CODE = 'c0de';

/** What a server machine is made of. */
export interface ServerMachineOptions {
  readonly world: World;
  readonly random: Random;
  readonly violations: Violations;
  readonly store: FaultyStore;
  readonly limits: Partial<ServerLimits>;
  /** Bytes that may wait for one client. */
  readonly sendQueueBytesMax: number;
  /** A history in memory, which ends with the process. */
  readonly isForgetful: boolean;
}

/** One process of the server, from its start to its end. */
interface Life {
  readonly domain: ChatServer;
  readonly startedAtMs: number;
  readonly connections: Map<ConnectionId, ServerSide>;
  readonly books: ServerBooks;
  deadlineAt: number;
  isStopping: boolean;
}

/** The machine of the server: carries out the effects of the real core, and dies and comes back when it is told to. */
export class ServerMachine {
  readonly #options: ServerMachineOptions;
  #life: Life | undefined;
  #epoch = 0;
  #lastConnectionId = 0;
  #wallOffsetMs = 0;
  #hasRefused = false;
  /** Those that are in force: the domain sees a change at once. */
  readonly #limits: { -readonly [Name in keyof ServerLimits]: ServerLimits[Name] };
  readonly #accounts: FaultyAccountStore;
  readonly #authority: AuthorityChecker;

  constructor(options: ServerMachineOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#limitQueues(options.sendQueueBytesMax);
    this.#authority = new AuthorityChecker(options.violations, () => this.#wallClock());
    this.#accounts = new FaultyAccountStore(options.store, (changes) => this.#authority.noteKept(changes));
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  /** Whether the process was asked to stop and has not ended. */
  get isStopping(): boolean {
    return this.#life?.isStopping ?? false;
  }

  /** Whether somebody was told that something could not be written: what comes after it may come before it then. */
  get hasRefused(): boolean {
    return this.#hasRefused;
  }

  /** Whose account it is. */
  userIdOf(nickname: string): ReturnType<FaultyAccountStore['userIdOf']> {
    return this.#accounts.userIdOf(nickname);
  }

  /** The wall clock is set to another time. */
  jumpClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** From now on as much may wait for a client as in the real server. */
  calm(): void {
    this.#limitQueues(DEFAULT_LIMITS.queueBytesMax);
  }

  /** A client that lets a part of this wait falls behind, one that lets all of it wait is sent away. */
  #limitQueues(bytesMax: number): void {
    this.#limits.queueBytesMax = bytesMax;
    this.#limits.pushedQueueBytesMax = bytesMax / 4;
    this.#limits.presenceQueueBytesMax = bytesMax / 16;
  }

  start(): void {
    const { world, store, violations, random } = this.#options;
    const startedAtMs = world.now;
    const wallClock = () => this.#wallClock();
    this.#authority.noteStart();
    this.#epoch += 1;
    const epoch = this.#epoch;
    store.writeNow([{ type: 'create-room', room: newLobby(epoch, wallClock()) }]);
    const domain = new ChatServer({
      serverName: 'Simulated',
      motd: '',
      limits: this.#limits,
      epoch,
      rooms: store.log.rooms(),
      hash: (bytes) => createHash('sha256').update(bytes).digest(),
      wallClock,
      sharesFiles: false,
      uploads: 'off',
      accounts: [...this.#accounts.changes],
      admission: 'open',
      operatorCode: OPERATOR_CODE,
      fingerprint: () => '',
      verify: ({ publicKey, message, signature }) =>
        Buffer.from(sign(publicKey, message)).equals(Buffer.from(signature)),
      randomBytes: (count) => Uint8Array.from({ length: count }, () => random.integer(0, 255)),
    });
    this.#life = {
      domain,
      startedAtMs,
      connections: new Map(),
      books: new ServerBooks(violations, domain, this.#limits),
      deadlineAt: Number.POSITIVE_INFINITY,
      isStopping: false,
    };
    world.log(() => `server: starts, life ${epoch}`);
  }

  /** The process dies, at once. */
  kill(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#options.world.log(() => 'server: is killed');
    this.#life = undefined;
    this.#options.store.abandon();
    this.#accounts.abandon(this.#options.random.chance(0.5));
    if (this.#options.isForgetful) this.#options.store.forgetAll();
    for (const { connection } of life.connections.values()) {
      connection.cut(this.#options.random.chance(0.7) ? 'client' : 'nobody');
    }
  }

  /** The process is asked to stop: it says goodbye, waits for its disk, and ends. */
  stop(reconnectAfterMs: number): void {
    const life = this.#life;
    if (life === undefined) return;
    life.isStopping = true;
    const { world, random } = this.#options;
    const message = 'the server restarts';
    if (random.chance(0.5)) {
      const back = { reconnectAfterMs, reconnectSpreadMs: 1_000 };
      this.#handle(life, { type: 'drain', message, endsWithinMs: 1_000, ...back });
    }
    this.#handle(life, { type: 'stop', message, reconnectAfterMs, reconnectSpreadMs: 1_000 });
    const waitForDisk = () => {
      if (this.#life !== life) return;
      if (life.domain.statistics().pendingWrites > 0) world.after(10, waitForDisk);
      else this.kill();
    };
    world.after(LINGER_MS, waitForDisk);
  }

  /** A client connects: gives our side of the connection. The caller says when it is open. */
  accept(address: string): ServerSide | undefined {
    const life = this.#life;
    if (life === undefined) return undefined;
    this.#lastConnectionId += 1;
    const connectionId = this.#lastConnectionId as ConnectionId;
    const side = new ServerSide(this.#options.world, {
      onEvent: (event) => this.#handle(life, event),
      onClosed: () => life.connections.delete(connectionId),
      connectionId,
      address,
    });
    life.connections.set(connectionId, side);
    return side;
  }

  /** Looks at the books: nothing grows without bound, and the server counts what really happened. */
  audit(): void {
    this.#life?.books.audit();
  }

  /** Nobody is here any more: nothing may be left of them. */
  auditEmpty(): void {
    this.#life?.books.auditEmpty();
    this.#authority.auditOperators();
  }

  #wallClock(): number {
    return START_TIME + this.#options.world.now + this.#wallOffsetMs;
  }

  #handle(life: Life, event: ServerEvent): void {
    if (this.#life !== life) return;
    this.#authority.noteEvent(event);
    const { world, violations } = this.#options;
    try {
      life.books.note(event);
      const effects = life.domain.handle(event, world.now - life.startedAtMs);
      for (const effect of effects) this.#carryOut(life, effect);
      if (event.type === 'message-received') this.#writeLater(life);
      else this.#write(life);
    } catch (error) {
      violations.addException(error);
      this.kill();
      return;
    }
    this.#armDeadline(life);
  }

  /** As the real server, when all that comes at this moment has come. */
  #writeLater(life: Life): void {
    this.#options.world.after(0, () => {
      if (this.#life === life) this.#write(life);
    });
  }

  #write(life: Life): void {
    const write = life.domain.pollWrite();
    if (write !== undefined) this.#carryOut(life, write);
  }

  #carryOut(life: Life, effect: Effect): void {
    const { store, violations } = this.#options;
    switch (effect.type) {
      case 'send':
        this.#deliver(life, [effect.connectionId], effect.message);
        break;
      case 'broadcast':
        this.#deliver(life, effect.connectionIds, effect.message);
        break;
      case 'close':
        life.books.noteClose(effect.connectionId);
        life.connections.get(effect.connectionId)?.close();
        break;
      case 'write':
        this.#authority.noteWrite(effect.operations);
        store.write(effect.operations, (outcome) =>
          this.#handle(life, { type: 'written', batchId: effect.batchId, outcome }),
        );
        break;
      case 'note':
        this.#options.world.log(() => `server: ${JSON.stringify(effect.note)}`);
        break;
      case 'list-files':
      case 'watch-files':
      case 'open-transfer':
      case 'open-folder':
      case 'open-upload':
      case 'settle-upload':
      case 'discard-file':
      case 'list-sent':
      case 'forget-user':
      case 'cancel-transfer':
        violations.add('no files', `the server shares no files and wants ${effect.type}`);
        break;
      case 'write-accounts':
        this.#authority.noteDecisions(effect.audited);
        this.#accounts.write(effect, (outcome) => {
          if (outcome.ok) this.#authority.noteInForce(effect.changes);
          this.#handle(life, { type: 'accounts-written', workId: effect.workId, outcome });
        });
        break;
      case 'hash-password':
        store.ask(
          () => hashPassword(effect.password),
          (outcome) => this.#handle(life, { type: 'password-hashed', workId: effect.workId, outcome }),
        );
        break;
      case 'check-password':
        store.ask(
          () => isPassword(effect.password, effect.against),
          (outcome) => this.#handle(life, { type: 'password-checked', workId: effect.workId, outcome }),
        );
        break;
      case 'read-audit':
        violations.add('no audit', 'nobody has asked for decisions');
        break;
      default:
        this.#ask(life, effect);
    }
  }

  #ask(life: Life, effect: Extract<Effect, { type: 'read-history' | 'search' | 'read-markers' }>): void {
    const { store } = this.#options;
    const { connectionId } = effect;
    const tell = (event: ServerEvent) => this.#handle(life, event);
    switch (effect.type) {
      case 'read-history': {
        const { requestId, query } = effect;
        const { roomKey } = query;
        store.ask(
          (log) => log.read(query),
          (outcome) => tell({ type: 'history-read', connectionId, requestId, roomKey, outcome }),
        );
        break;
      }
      case 'search': {
        const { requestId, query } = effect;
        store.ask(
          (log) => log.search(query),
          (outcome) => tell({ type: 'search-done', connectionId, requestId, query, outcome }),
        );
        break;
      }
      case 'read-markers': {
        const { userId, roomKeys } = effect;
        const answer = (outcome: Outcome<number[]>) => {
          if (!outcome.ok) return;
          const markers = roomKeys.map((roomKey, index) => ({
            roomKey,
            sequence: outcome.value[index] ?? 0,
          }));
          tell({ type: 'markers-read', connectionId, markers });
        };
        store.ask((log) => log.readMarkers(userId, roomKeys), answer);
        break;
      }
    }
  }

  #deliver(
    life: Life,
    connectionIds: readonly ConnectionId[],
    message: Extract<Effect, { type: 'send' }>['message'],
  ): void {
    const frame = serverMessages.encode(message);
    if (message.type === 'failed' && REFUSALS.includes(message.code)) this.#hasRefused = true;
    for (const connectionId of connectionIds) {
      life.books.noteSent(connectionId, message.type);
      this.#authority.noteSent(connectionId, message);
      life.connections.get(connectionId)?.enqueue(frame);
    }
  }

  #armDeadline(life: Life): void {
    const { world } = this.#options;
    const next = life.domain.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (next >= life.deadlineAt) return;
    life.deadlineAt = next;
    // As Node's timers: whole milliseconds, never early.
    const delayMs = Math.max(0, Math.ceil(next - (world.now - life.startedAtMs)));
    world.after(delayMs, () => {
      if (life.deadlineAt !== next) return;
      life.deadlineAt = Number.POSITIVE_INFINITY;
      this.#handle(life, { type: 'deadline' });
    });
  }
}
