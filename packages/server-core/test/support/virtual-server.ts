import { createHash } from 'node:crypto';
import {
  type ClientMessage,
  type ClientMessageId,
  clientMessages,
  type ModerationAction,
  type RoleName,
  type RoomEntryName,
  type ServerMessage,
  type ServerMessageOf,
  serverMessages,
  type UserSecret,
} from '@parley/protocol';
import type { AccountChange, PasswordHash } from '../../src/accounts/account-store.ts';
import { AuditTrail } from '../../src/accounts/audit-trail.ts';
import type { Admission } from '../../src/domain/accounts/admission.ts';
import { ChatServer } from '../../src/domain/chat-server.ts';
import type { Effect, ServerNote } from '../../src/domain/effects.ts';
import type { ConnectionId, ServerEvent } from '../../src/domain/events.ts';
import { DEFAULT_LIMITS, type ServerLimits } from '../../src/domain/limits.ts';
import { newLobby } from '../../src/domain/rooms/room-registry.ts';
import type { StoredRoom } from '../../src/history/history-store.ts';
import { MemoryLog } from '../../src/history/memory-log.ts';
import { verifySignature } from '../../src/node/accounts/verify-signature.ts';

/** Wall-clock time at the start of virtual time. */
export const START_TIME = 1_700_000_000_000;

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>;

/** The domain in virtual time, with clients that only remember what they got. Every message goes through the codec. */
export class VirtualServer {
  now = 0;
  readonly log: MemoryLog;
  readonly server: ChatServer;
  /** Batches that the disk has not taken yet, while `isStalled`. */
  readonly writes: EffectOf<'write'>[] = [];
  isStalled = false;
  /** How far somebody has set the wall clock. */
  wallLeadMs = 0;
  /** Why the disk refuses everything, if it does. */
  writeTrouble: string | undefined;
  readonly notes: ServerNote[] = [];
  /** Effects for the disk and the transfer host that the test has to answer. */
  readonly fileLists: EffectOf<'list-files'>[] = [];
  readonly fileWatches: boolean[] = [];
  readonly openings: EffectOf<'open-transfer'>[] = [];
  readonly uploadOpenings: EffectOf<'open-upload'>[] = [];
  readonly cancellations: EffectOf<'cancel-transfer'>[] = [];
  readonly settledUploads: string[] = [];
  readonly discardings: EffectOf<'discard-file'>[] = [];
  readonly sentListings: EffectOf<'list-sent'>[] = [];
  readonly forgotten: EffectOf<'forget-user'>[] = [];
  /** Everything that the store of accounts has kept. */
  readonly accounts: AccountChange[];
  readonly audit = new AuditTrail();
  /** Work on passwords that waits, while `hashesSlowly`. */
  readonly passwordWork: (() => void)[] = [];
  hashesSlowly = false;
  /** Why no password can be checked, if none can. */
  checkTrouble: string | undefined;
  /** Changes of accounts that wait for the disk, while `keepsSlowly`. */
  readonly accountWork: (() => void)[] = [];
  keepsSlowly = false;
  /** Why the store of accounts refuses everything, if it does. */
  accountTrouble: string | undefined;
  readonly #clients = new Map<ConnectionId, VirtualClient>();
  #lastConnectionId = 0;
  #randomCalls = 0;

  constructor(
    options: {
      limits?: Partial<ServerLimits>;
      sharesFiles?: boolean;
      uploads?: 'off' | 'registered' | 'all';
      motd?: string;
      log?: MemoryLog;
      accounts?: readonly AccountChange[];
      admission?: Admission;
      operatorCode?: string;
    } = {},
  ) {
    this.accounts = [...(options.accounts ?? [])];
    this.log = options.log ?? new MemoryLog();
    this.server = new ChatServer({
      serverName: 'Test',
      motd: options.motd ?? '',
      // At once, so that a test need not wait for it; those about its pace say so.
      limits: { ...DEFAULT_LIMITS, presenceIntervalMs: 0, ...options.limits },
      epoch: 7,
      rooms: openMemory(this.log),
      hash: (bytes) => createHash('sha256').update(bytes).digest(),
      wallClock: (now) => START_TIME + now + this.wallLeadMs,
      sharesFiles: options.sharesFiles ?? true,
      uploads: options.uploads ?? 'off',
      accounts: this.accounts,
      admission: options.admission ?? 'open',
      operatorCode: options.operatorCode,
      fingerprint: () => 'SHA256:test',
      verify: verifySignature,
      randomBytes: (count) => this.#randomBytes(count),
    });
  }

  connect(address?: string): VirtualClient {
    this.#lastConnectionId += 1;
    const client = new VirtualClient(this, this.#lastConnectionId as ConnectionId);
    this.#clients.set(client.connectionId, client);
    this.handle({ type: 'connection-opened', connectionId: client.connectionId, address });
    return client;
  }

  /** A client that has said hello. */
  observer(address?: string): VirtualClient {
    const client = this.connect(address);
    client.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
    client.take();
    return client;
  }

  /** A client that has made an account, with the password `PASSWORD`. */
  owner(nickname: string, options: { invite?: string; address?: string } = {}): VirtualClient {
    const client = this.observer(options.address);
    client.createAccount(nickname, { invite: options.invite });
    if (client.takeOnly('registered').length !== 1) throw new Error(`${nickname} got no account`);
    return client;
  }

  /** A guest from an address. */
  guest(nickname: string, address: string): VirtualClient {
    const client = this.observer(address);
    client.register(nickname);
    return client;
  }

  /** A client with a nickname. */
  user(nickname: string, secret?: UserSecret): VirtualClient {
    const client = this.observer();
    client.register(nickname, secret);
    if (client.takeOnly('registered').length !== 1) throw new Error(`${nickname} was not registered`);
    return client;
  }

  handle(event: ServerEvent): void {
    for (const effect of this.server.handle(event, this.now)) this.#carryOut(effect);
    const write = this.server.pollWrite();
    if (write !== undefined) this.#carryOut(write);
  }

  /** Lets time pass; deadlines are told when they come. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (
      let at = this.server.nextDeadline();
      at !== undefined && at <= end;
      at = this.server.nextDeadline()
    ) {
      this.now = Math.max(this.now, at);
      this.handle({ type: 'deadline' });
    }
    this.now = end;
  }

  #carryOut(effect: Effect): void {
    if (effect.type === 'send') this.#deliver([effect.connectionId], effect.message);
    if (effect.type === 'broadcast') this.#deliver(effect.connectionIds, effect.message);
    if (effect.type === 'close') this.#client(effect.connectionId).isClosed = true;
    if (effect.type === 'note') this.notes.push(effect.note);
    if (effect.type === 'list-files') this.fileLists.push(effect);
    if (effect.type === 'watch-files') this.fileWatches.push(effect.isWanted);
    if (effect.type === 'open-transfer') this.openings.push(effect);
    if (effect.type === 'open-upload') this.uploadOpenings.push(effect);
    if (effect.type === 'cancel-transfer') this.cancellations.push(effect);
    if (effect.type === 'settle-upload') this.settledUploads.push(effect.path);
    if (effect.type === 'discard-file') this.discardings.push(effect);
    if (effect.type === 'list-sent') this.sentListings.push(effect);
    if (effect.type === 'forget-user') this.forgotten.push(effect);
    this.#askStore(effect);
    this.#askDesk(effect);
  }

  /** Passwords are their own hashes here. */
  #askDesk(effect: Effect): void {
    if (effect.type === 'hash-password') {
      const { workId, password } = effect;
      const outcome = { ok: true, value: hashOf(password) } as const;
      this.#later(() => this.handle({ type: 'password-hashed', workId, outcome }));
    }
    if (effect.type === 'check-password') {
      const { workId, password, against } = effect;
      const outcome =
        this.checkTrouble === undefined
          ? ({ ok: true, value: against?.hash === password } as const)
          : ({ ok: false, message: this.checkTrouble } as const);
      this.#later(() => this.handle({ type: 'password-checked', workId, outcome }));
    }
    if (effect.type === 'read-audit') {
      const { workId, query } = effect;
      this.handle({ type: 'audit-read', workId, outcome: { ok: true, value: this.audit.read(query) } });
    }
    if (effect.type === 'write-accounts') {
      const { workId, changes, audited } = effect;
      if (this.accountTrouble === undefined) {
        this.accounts.push(...changes);
        this.audit.add(this.audit.number(audited));
      }
      const outcome =
        this.accountTrouble === undefined
          ? ({ ok: true, value: undefined } as const)
          : ({ ok: false, message: this.accountTrouble } as const);
      const settle = () => this.handle({ type: 'accounts-written', workId, outcome });
      if (this.keepsSlowly) this.accountWork.push(settle);
      else settle();
    }
  }

  #later(work: () => void): void {
    if (this.hashesSlowly) this.passwordWork.push(work);
    else work();
  }

  #randomBytes(count: number): Uint8Array {
    this.#randomCalls += 1;
    return createHash('sha512').update(`${this.#randomCalls}`).digest().subarray(0, count);
  }

  /** Lets the disk take what waits for it. */
  commit(): void {
    for (let batch = this.writes.shift(); batch !== undefined; batch = this.writes.shift())
      this.#write(batch);
  }

  #write({ batchId, operations }: EffectOf<'write'>): void {
    const outcome =
      this.writeTrouble === undefined
        ? ({ ok: true, value: this.log.write(operations) } as const)
        : ({ ok: false, message: this.writeTrouble } as const);
    this.handle({ type: 'written', batchId, outcome });
  }

  #askStore(effect: Effect): void {
    if (effect.type === 'write') {
      if (this.isStalled) this.writes.push(effect);
      else this.#write(effect);
    }
    if (effect.type === 'read-history') {
      const { connectionId, requestId, query } = effect;
      const outcome = { ok: true, value: this.log.read(query) } as const;
      this.handle({ type: 'history-read', connectionId, requestId, roomKey: query.roomKey, outcome });
    }
    if (effect.type === 'search') {
      const { connectionId, requestId, query } = effect;
      const outcome = { ok: true, value: this.log.search(query) } as const;
      this.handle({ type: 'search-done', connectionId, requestId, query, outcome });
    }
    if (effect.type === 'read-markers') {
      const { connectionId, userId, roomKeys } = effect;
      const sequences = this.log.readMarkers(userId, roomKeys);
      const markers = roomKeys.map((roomKey, index) => ({ roomKey, sequence: sequences[index] ?? 0 }));
      this.handle({ type: 'markers-read', connectionId, markers });
    }
  }

  #deliver(connectionIds: readonly ConnectionId[], message: ServerMessage): void {
    const decoder = serverMessages.createDecoder();
    decoder.push(serverMessages.encode(message));
    const decoded = decoder.next();
    if (decoded === undefined) throw new Error('a whole frame was expected');
    for (const connectionId of connectionIds) {
      const client = this.#client(connectionId);
      if (client.isClosed) throw new Error(`${message.type} was sent after the connection was closed`);
      client.inbox.push(decoded);
    }
  }

  #client(connectionId: ConnectionId): VirtualClient {
    const client = this.#clients.get(connectionId);
    if (client === undefined) throw new Error(`there is no connection ${connectionId}`);
    return client;
  }
}

/** One connection of a `VirtualServer`. */
export class VirtualClient {
  readonly connectionId: ConnectionId;
  readonly inbox: ServerMessage[] = [];
  isClosed = false;
  readonly #server: VirtualServer;
  #lastRequestId = 100;

  constructor(server: VirtualServer, connectionId: ConnectionId) {
    this.#server = server;
    this.connectionId = connectionId;
  }

  send(message: ClientMessage): void {
    const decoder = clientMessages.createDecoder();
    decoder.push(clientMessages.encode(message));
    const decoded = decoder.next();
    if (decoded === undefined) throw new Error('a whole frame was expected');
    this.#server.handle({ type: 'message-received', connectionId: this.connectionId, message: decoded });
  }

  register(nickname: string, secret = secretOf(nickname)): void {
    this.send({ type: 'register', requestId: 1, nickname, secret });
  }

  createAccount(nickname: string, options: { password?: string; invite?: string | undefined } = {}): void {
    const { password = PASSWORD, invite } = options;
    const secret = secretOf(nickname);
    this.send({ type: 'create-account', requestId: 1, nickname, secret, password, invite });
  }

  login(nickname: string, password = PASSWORD, secret = secretOf(`${nickname} elsewhere`)): void {
    this.send({ type: 'login', requestId: 1, nickname, secret, password });
  }

  /** Does something to somebody: in a room, or with `undefined` in the whole server. */
  moderate(
    action: ModerationAction,
    target: string,
    room: string | undefined,
    more: { readonly durationMs?: number; readonly reason?: string } = {},
  ): void {
    const { durationMs, reason = '' } = more;
    this.send({ type: 'moderate', requestId: 40, action, room, target, durationMs, reason });
  }

  setRole(nickname: string, role: RoleName, room: string | undefined): void {
    this.send({ type: 'set-role', requestId: 41, room, nickname, role });
  }

  configureRoom(
    room: string,
    change: { readonly entry?: RoomEntryName; readonly slowModeMs?: number },
  ): void {
    const { entry, slowModeMs } = change;
    this.send({ type: 'configure-room', requestId: 42, room, entry, slowModeMs });
  }

  createRoom(room: string): void {
    this.send({ type: 'create-room', requestId: 43, room, topic: '' });
  }

  joinRoom(room: string): void {
    this.send({ type: 'join-room', requestId: 44, room });
  }

  sayIn(room: string, text: string): void {
    this.send({ type: 'say', requestId: 45, clientMessageId: messageId(`${room} ${text}`), room, text });
  }

  /** The code of the newest answer to a request if it was refused, else its type; everything else is dropped. */
  outcome(): string | undefined {
    const answer = this.take().findLast((message) => 'requestId' in message || message.type === 'goodbye');
    return answer !== undefined && 'code' in answer && answer.type !== 'invite-code'
      ? answer.code
      : answer?.type;
  }

  say(text: string, id = messageId(text)): number {
    this.#lastRequestId += 1;
    this.send({ type: 'say', requestId: this.#lastRequestId, clientMessageId: id, room: 'lobby', text });
    return this.#lastRequestId;
  }

  /** The connection breaks. */
  vanish(): void {
    this.isClosed = true;
    const { connectionId } = this;
    this.#server.handle({ type: 'connection-closed', connectionId, detail: 'connection lost' });
  }

  /** What came since the last call. */
  take(): ServerMessage[] {
    return this.inbox.splice(0);
  }

  /** What came since the last call, of one type. */
  takeOnly<Type extends ServerMessage['type']>(type: Type): ServerMessageOf<Type>[] {
    return this.take().filter((message): message is ServerMessageOf<Type> => message.type === type);
  }
}

/** The password of all tests. */
export const PASSWORD = 'all hands on deck';

/** What a desk makes of a password, in tests. */
export function hashOf(password: string): PasswordHash {
  return { algorithm: 'scrypt', cost: 2, blockSize: 1, parallelization: 1, salt: '', hash: password };
}

/** The secret of a user that depends on `seed` only. */
export function secretOf(seed: string): UserSecret {
  return createHash('sha256').update(seed).digest() as Uint8Array as UserSecret;
}

/** The rooms of a log, the lobby among them. */
function openMemory(log: MemoryLog): StoredRoom[] {
  log.write([{ type: 'create-room', room: newLobby(7, START_TIME) }]);
  return log.rooms();
}

/** A client's message id that depends on `seed` only. */
export function messageId(seed: string): ClientMessageId {
  const bytes = new Uint8Array(16);
  for (let index = 0; index < seed.length; index += 1) {
    bytes[index % 16] = ((bytes[index % 16] as number) * 31 + seed.charCodeAt(index)) & 0xff;
  }
  return bytes as ClientMessageId;
}
