import {
  ChatClient,
  type ClientCommand,
  type ClientEffect,
  type ClientError,
  type ClientEvent,
  type ClientNotification,
  type SessionEnd,
} from '@parley/client-core';
import type { Random } from '@parley/netsim';
import type { UserSecret } from '@parley/protocol';
import type { Violations } from '../checkers/violations.ts';
import { ViewChecker } from './checkers/view-checker.ts';
import { ClientLine } from './client-line.ts';
import type { CommittedLog } from './committed-log.ts';
import type { Network } from './network.ts';
import type { World } from './world.ts';

/** What a program of a user is made of. */
export interface ProgramOptions {
  readonly world: World;
  readonly random: Random;
  readonly network: Network;
  readonly violations: Violations;
  readonly committed: CommittedLog;
  readonly name: string;
  readonly address: string;
  readonly secret: UserSecret;
  readonly onNotification: (notification: ClientNotification) => void;
}

/** What became of a command. */
export type Settlement =
  | { readonly isOk: true; readonly result: unknown }
  | { readonly isOk: false; readonly error: ClientError };

/** One run of a user's program: the real client core with a driver in virtual time. */
export class Program {
  readonly client: ChatClient;
  readonly view: ViewChecker;
  readonly #options: ProgramOptions;
  readonly #waiting = new Map<
    number,
    { readonly type: string; readonly onSettled: (settlement: Settlement) => void }
  >();
  #line: ClientLine | undefined;
  #lastCommandId = 0;
  #events: ClientEvent[] = [];
  #isHandling = false;
  #isDead = false;
  #isLeaving = false;
  #entersAsGuest = true;
  #mayHaveCredential = false;
  #sleepsUntilMs = 0;
  #armedAt: number | undefined;

  constructor(options: ProgramOptions) {
    const { random, name, violations, committed, secret } = options;
    this.#options = options;
    const chance = random.fork('client');
    this.client = new ChatClient({
      agent: 'simulated/1',
      randomBytes: (count) => chance.bytes(count),
      secret,
      reconnects: true,
    });
    this.view = new ViewChecker(violations, committed, this.client, name);
  }

  /** Numbers and types of the commands without an answer. */
  get waiting(): readonly string[] {
    return Array.from(this.#waiting, ([commandId, { type }]) => `${commandId} (${type})`);
  }

  /** Whether the user asked for the end. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Whether it may have what opens the account: it came in by that, or made the account, or asked for it and does not know. */
  get mayHaveCredential(): boolean {
    return this.#mayHaveCredential;
  }

  get end(): SessionEnd | undefined {
    return this.client.session.end;
  }

  /** The connection at the moment, if there is one. */
  get connection() {
    return this.#line?.connection;
  }

  start(): void {
    this.#handle({ type: 'started' });
  }

  command(command: ClientCommand, onSettled: (settlement: Settlement) => void = () => {}): void {
    this.#lastCommandId += 1;
    if (command.type === 'leave') this.#isLeaving = true;
    const commandId = this.#lastCommandId;
    this.#waiting.set(commandId, { type: command.type, onSettled });
    this.#options.world.log(() => `${this.#options.name}: ${JSON.stringify(command)}`);
    this.#handle({ type: 'command', commandId, command });
  }

  /** The program is killed; its machine may go with it. */
  kill(isTold: boolean): void {
    this.#isDead = true;
    this.#line?.abandon(isTold);
  }

  /** The machine sleeps: nothing is read, no timer comes, until it wakes. */
  sleep(untilMs: number): void {
    this.#sleepsUntilMs = Math.max(this.#sleepsUntilMs, untilMs);
    this.connection?.toClient.freeze(untilMs);
  }

  #handle(event: ClientEvent): void {
    this.#events.push(event);
    if (this.#isHandling || this.#isDead) return;
    this.#isHandling = true;
    const { world, violations, name } = this.#options;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        this.view.before();
        const effects = this.client.handle(next, world.now);
        this.view.after(effects);
        for (const effect of effects) this.#carryOut(effect);
      }
    } catch (error) {
      violations.addException(error, name);
      this.#isDead = true;
    } finally {
      this.#isHandling = false;
    }
    this.#armTimer();
  }

  #carryOut(effect: ClientEffect): void {
    const { world, network, violations, name, address } = this.#options;
    switch (effect.type) {
      case 'send':
        world.log(() => `${name}: sends ${effect.message.type}`);
        this.#noteEntrance(effect.message.type);
        this.#line?.send(effect.message);
        break;
      case 'connect':
        this.#connect(network, address);
        break;
      case 'end-connection':
        this.#line?.end();
        break;
      case 'command-succeeded':
        this.#settle(effect.commandId, { isOk: true, result: effect.result });
        break;
      case 'command-failed':
        world.log(() => `${name}: command ${effect.commandId} failed: ${effect.error.code}`);
        this.#settle(effect.commandId, { isOk: false, error: effect.error });
        break;
      case 'notify': {
        const { notification } = effect;
        world.log(() => `${name}: is told ${JSON.stringify(notification)}`);
        // Who is back as a guest has asked in vain.
        if (notification.type === 'reconnected') this.#mayHaveCredential = !this.#entersAsGuest;
        this.#options.onNotification(notification);
        break;
      }
      default:
        violations.add('no files', `${name}: wants ${effect.type}`);
    }
  }

  #connect(network: Network, address: string): void {
    const { world } = this.#options;
    // What an earlier line has to say interests nobody any more.
    const isCurrent = () => this.#line === line && !this.#isDead;
    const line: ClientLine = new ClientLine(world, network, address, {
      onConnected: () => {
        if (!isCurrent()) return;
        if (world.now < this.#sleepsUntilMs) line.connection?.toClient.freeze(this.#sleepsUntilMs);
        this.#handle({ type: 'connected' });
      },
      onMessage: (message) => {
        world.log(() => `${this.#options.name}: receives ${JSON.stringify(message)}`);
        if (isCurrent()) this.#handle({ type: 'received', message });
      },
      onTrouble: (trouble) => {
        if (isCurrent()) this.#handle({ type: 'connection-ended', trouble });
      },
    });
    this.#line = line;
  }

  #noteEntrance(type: string): void {
    if (type === 'register') this.#entersAsGuest = true;
    if (!type.startsWith('login')) return;
    this.#entersAsGuest = false;
    this.#mayHaveCredential = true;
  }

  #settle(commandId: number, settlement: Settlement): void {
    const waiting = this.#waiting.get(commandId);
    if (waiting === undefined) {
      this.#options.violations.add('answered once', `${this.#options.name}: command ${commandId}, twice`);
      return;
    }
    this.#waiting.delete(commandId);
    const isKnown = settlement.isOk || settlement.error.code === 'connection-ended';
    if (waiting.type === 'create-account' && isKnown) this.#mayHaveCredential = true;
    waiting.onSettled(settlement);
  }

  #armTimer(): void {
    const { deadline } = this.client;
    const { world } = this.#options;
    if (deadline === undefined || deadline === this.#armedAt) return;
    this.#armedAt = deadline;
    const dueAt = Math.max(Math.ceil(deadline), this.#sleepsUntilMs, world.now);
    world.after(dueAt - world.now, () => this.#due(deadline));
  }

  #due(deadline: number): void {
    if (this.#armedAt !== deadline || this.#isDead) return;
    const { world } = this.#options;
    if (world.now < this.#sleepsUntilMs) {
      world.after(this.#sleepsUntilMs - world.now, () => this.#due(deadline));
      return;
    }
    this.#armedAt = undefined;
    this.#handle({ type: 'deadline' });
  }
}
