import {
  type ClientMessage,
  type ClientMessageOf,
  parseNickname,
  type ServerMessage,
} from '@parley/protocol';
import {
  ChatClient,
  type ClientCommand,
  type ClientEffect,
  type ClientError,
  type ClientNotification,
} from '../../src/index.ts';

/** The value of what a test knows to be well-formed. */
function must<T>(
  parsed: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string },
): T {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

/** A nickname of the test's choice. */
export const nick = (name: string) => must(parseNickname(name));

const ROOM = 'lobby' as ServerMessageRoom;
type ServerMessageRoom = Extract<ServerMessage, { type: 'hello-ok' }>['room'];

/** The room of all tests. */
export const LOBBY: ServerMessageRoom = ROOM;

type SettledCommand = { readonly result: unknown } | { readonly error: ClientError };

/** A chat client in virtual time: what it is told, and what it did. */
export class Scenario {
  now = 1_000;
  readonly client: ChatClient;
  readonly sent: ClientMessage[] = [];
  readonly notifications: ClientNotification[] = [];
  readonly settled = new Map<number, SettledCommand>();
  readonly others: ClientEffect[] = [];
  /** How often the client wanted a connection. */
  connects = 0;
  #lastCommandId = 0;
  #random = 0;

  constructor(options: { reconnects?: boolean | number; transfersOpenMax?: number } = {}) {
    this.client = new ChatClient({
      ...options,
      agent: 'test',
      randomBytes: (count) => {
        this.#random += 1;
        return new Uint8Array(count).fill(this.#random);
      },
    });
  }

  /** A client that is in the room as `nickname`, with its first list of users answered. */
  static registered(
    nickname = 'ann',
    sequence = 0,
    options: { reconnects?: boolean | number; transfersOpenMax?: number } = {},
  ): Scenario {
    const scenario = Scenario.greeted(options);
    scenario.command({ type: 'register', nickname });
    scenario.enter({ sequence });
    scenario.receive({
      type: 'registered',
      requestId: scenario.lastSent('register').requestId,
      nickname: nick(nickname),
      sessionId: 1 as never,
    });
    scenario.answerUsers([nickname]);
    return scenario;
  }

  /** A client that was greeted and has no nickname. */
  static greeted(options: { reconnects?: boolean | number; transfersOpenMax?: number } = {}): Scenario {
    const scenario = new Scenario(options);
    scenario.handle({ type: 'started' });
    scenario.handle({ type: 'connected' });
    scenario.greet();
    return scenario;
  }

  /** The server answers `hello`. */
  greet(): void {
    this.receive({
      type: 'hello-ok',
      version: 1,
      serverName: 'here',
      serverTime: 5,
      motd: 'hi',
      room: ROOM,
    });
  }

  handle(event: Parameters<ChatClient['handle']>[0]): void {
    for (const effect of this.client.handle(event, this.now)) {
      if (effect.type === 'send') this.sent.push(effect.message);
      else if (effect.type === 'notify') this.notifications.push(effect.notification);
      else if (effect.type === 'command-succeeded')
        this.settled.set(effect.commandId, { result: effect.result });
      else if (effect.type === 'command-failed') this.settled.set(effect.commandId, { error: effect.error });
      else if (effect.type === 'connect') this.connects += 1;
      else this.others.push(effect);
    }
  }

  receive(message: ServerMessage): void {
    this.handle({ type: 'received', message });
  }

  command(command: ClientCommand): number {
    this.#lastCommandId += 1;
    this.handle({ type: 'command', commandId: this.#lastCommandId, command });
    return this.#lastCommandId;
  }

  /** Lets time pass, calling the client whenever it asked for it. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (let calls = 0; calls < 10_000; calls += 1) {
      const { deadline } = this.client;
      if (deadline === undefined || deadline > until) break;
      this.now = Math.max(this.now, deadline);
      this.handle({ type: 'deadline' });
    }
    this.now = until;
  }

  lastSent<Type extends ClientMessage['type']>(type: Type): ClientMessageOf<Type> {
    const found = this.sent.findLast((message) => message.type === type);
    if (!found) throw new Error(`no ${type} was sent`);
    return found as ClientMessageOf<Type>;
  }

  sentTypes(): string[] {
    return this.sent.map((message) => message.type);
  }

  told<Type extends ClientNotification['type']>(type: Type): Extract<ClientNotification, { type: Type }>[] {
    return this.notifications.filter((one) => one.type === type) as Extract<
      ClientNotification,
      { type: Type }
    >[];
  }

  resultOf(commandId: number): unknown {
    const settled = this.settled.get(commandId);
    if (!settled) throw new Error(`command ${commandId} is not settled`);
    if ('error' in settled) throw settled.error;
    return settled.result;
  }

  errorOf(commandId: number): ClientError {
    const settled = this.settled.get(commandId);
    if (!settled || !('error' in settled)) throw new Error(`command ${commandId} did not fail`);
    return settled.error;
  }

  /** The server puts the client into a room, or tells again where its log stands. */
  enter(
    options: { room?: string; peer?: string; epoch?: number; first?: number; sequence?: number } = {},
  ): void {
    const { room = ROOM, peer, epoch = 7, first = 1, sequence = 0 } = options;
    this.receive({
      type: 'entered',
      room: room as ServerMessageRoom,
      kind: peer === undefined ? 'public' : 'direct',
      peer: peer === undefined ? undefined : nick(peer),
      topic: '',
      members: 1,
      epoch,
      first,
      sequence,
    });
  }

  answerUsers(nicknames: readonly string[], nextCursor?: string): void {
    const { requestId } = this.lastSent('list-users');
    const users = nicknames.map((nickname, index) => ({ nickname: nick(nickname), joinedAt: index }));
    this.receive({ type: 'users', requestId, room: ROOM, users, nextCursor });
  }
}
