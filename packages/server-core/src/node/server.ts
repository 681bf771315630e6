import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { isAbsolute } from 'node:path';
import { MOTD_BYTES_MAX, SERVER_NAME_BYTES_MAX, serverMessages } from '@parley/protocol';
import type { AccountStore } from '../accounts/account-store.ts';
import { createMemoryAccountStore } from '../accounts/memory-account-store.ts';
import type { Admission } from '../domain/accounts/admission.ts';
import { ChatServer } from '../domain/chat-server.ts';
import type { Effect, ServerNote } from '../domain/effects.ts';
import { invariant } from '../domain/errors.ts';
import type { ServerEvent } from '../domain/events.ts';
import { DEFAULT_LIMITS, RECONNECT_AFTER_MS, type ServerLimits } from '../domain/limits.ts';
import { DEFAULT_DOOR_LIMITS, type DoorLimits } from '../domain/sessions/door.ts';
import type { ChatStatistics } from '../domain/statistics.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { createMemoryHistoryStore } from '../history/memory-store.ts';
import { AccountDesk } from './accounts/account-desk.ts';
import { verifySignature } from './accounts/verify-signature.ts';
import { CatalogueDesk } from './catalogue/catalogue-desk.ts';
import { CatalogueThread } from './catalogue/catalogue-thread.ts';
import { ChatListener, type ListenAddress } from './connections/chat-listener.ts';
import type { TlsIdentity } from './connections/connection-door.ts';
import { identityFingerprint } from './connections/self-signed.ts';
import { FileHasher } from './hashing/file-hasher.ts';
import { BatchTurns } from './history/batch-turns.ts';
import { HistoryDesk } from './history/history-desk.ts';
import { openRooms } from './history/open-rooms.ts';
import { LINGER_MS, OPERATOR_CODE_BYTES } from './limits.ts';
import {
  checkShownText,
  explainIdentity,
  ServerOptionError,
  type SharedFilesOptions,
  type StopOptions,
} from './server-options.ts';
import { TransferDesk } from './transfers/transfer-desk.ts';
import { TurnClock } from './turn-clock.ts';
import { UploadInbox } from './uploads/upload-inbox.ts';

/** What a server needs to know. */
export interface ParleyServerOptions {
  /** Address to listen on, such as `127.0.0.1` or `::` for all. */
  readonly host: string;
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Shown to users as the title; `Parley` unless given. */
  readonly serverName?: string;
  /** Message of the day. */
  readonly motd?: string;
  /** What is shared, and who moves it. Without it the server shares no files. */
  readonly files?: SharedFilesOptions;
  /** Keeps what is said; the server opens it and closes it. In memory, and then forgotten with the process, unless given. */
  readonly historyStore?: HistoryStore;
  /** Keeps accounts and roles; the server opens it and closes it. In memory, and then forgotten with the process, unless given. */
  readonly accountStore?: AccountStore;
  /** Whom the server lets in; everybody unless given. */
  readonly admission?: Admission;
  readonly limits?: Partial<ServerLimits>;
  readonly doorLimits?: Partial<DoorLimits>;
  /** Key and certificate for TLS. Without them the server speaks plain TCP, which everybody on the way can read. */
  readonly tls?: TlsIdentity;
}

/** What a server holds. */
export interface ServerStatistics extends ChatStatistics {
  /** Sockets, also those that are being closed. */
  readonly connections: number;
  /** Bytes that wait for clients to read them. */
  readonly queuedBytes: number;
  /** Files that are being hashed. */
  readonly hashing: number;
}

/** What a server tells whoever runs it. */
export interface ServerEvents {
  /** Something worth a line in a log. */
  note: [ServerNote];
  /** Somebody was turned away before they were a connection: too fast, too many, no TLS. */
  refused: [refusal: { readonly code: string; readonly detail: string }];
  /** A local error, or a mistake in this program; the server goes on. */
  fault: [unknown];
}

/** A Parley server: chat over TCP, and files through the transfer host it was given. */
export interface ParleyServer extends EventEmitter<ServerEvents> {
  /** Begins to listen; rejects when that is not possible. */
  start(): Promise<ListenAddress>;
  /** Where it listens; `undefined` before `start`. */
  address(): ListenAddress | undefined;
  /** Says goodbye to everybody, and frees everything within a few seconds. May be called twice. */
  stop(options?: StopOptions): Promise<void>;
  statistics(): ServerStatistics;
  /** Another key and certificate for those who connect from now on. Throws `ServerOptionError` when they are none. */
  setTls(identity: TlsIdentity): void;
  /** An invite code that makes who registers with it an operator, once: until then, of a server that had none at its start. */
  operatorCode(): string | undefined;
}

/** Makes a server; `start` makes it listen. Throws `ServerOptionError` for options that make no sense. */
export function createParleyServer(options: ParleyServerOptions): ParleyServer {
  checkShownText('serverName', options.serverName ?? '', SERVER_NAME_BYTES_MAX);
  checkShownText('motd', options.motd ?? '', MOTD_BYTES_MAX);
  if (options.files !== undefined && !isAbsolute(options.files.folder)) {
    throw new ServerOptionError(`expected an absolute path for files.folder, got ${options.files.folder}`);
  }
  return new NodeServer(options);
}

class NodeServer extends EventEmitter<ServerEvents> implements ParleyServer {
  readonly #options: ParleyServerOptions;
  readonly #store: HistoryStore;
  readonly #historyDesk: HistoryDesk;
  readonly #accountStore: AccountStore;
  readonly #accountDesk: AccountDesk;
  readonly #limits: ServerLimits;
  #fingerprint: string;
  #domain: ChatServer | undefined;
  readonly #listener: ChatListener;
  readonly #clock = new TurnClock();
  readonly #turns: BatchTurns;
  readonly #hasher = new FileHasher();
  readonly #catalogue: CatalogueThread | undefined;
  readonly #catalogueDesk: CatalogueDesk | undefined;
  readonly #desk: TransferDesk | undefined;
  #address: ListenAddress | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #deadlineAt = Number.POSITIVE_INFINITY;
  #stopped: Promise<void> | undefined;
  #whenHandled: () => void = () => {};

  constructor(options: ParleyServerOptions) {
    super();
    const { files } = options;
    const onEvent = (event: ServerEvent) => this.#handle(event);
    const onError = (error: unknown) => this.emit('fault', error);
    this.#options = options;
    this.#store = options.historyStore ?? createMemoryHistoryStore();
    this.#limits = { ...(this.#store.isDurable ? DEFAULT_LIMITS : FORGETFUL_LIMITS), ...options.limits };
    this.#historyDesk = new HistoryDesk({ store: this.#store, onEvent, onError });
    this.#accountStore = options.accountStore ?? createMemoryAccountStore();
    this.#accountDesk = new AccountDesk({ store: this.#accountStore, onEvent, onError });
    this.#listener = this.#createListener(this.#limits.connectionsMax, onEvent);
    this.#turns = new BatchTurns({
      write: () => this.#write(),
      hasBatch: () => this.#domain?.hasWrite === true,
      awaitEndOfTurn: () => this.#listener.awaitEndOfTurn(),
    });
    // After the listener, which explains an identity that is none.
    this.#fingerprint = options.tls === undefined ? '' : identityFingerprint(options.tls.certificate);
    if (files === undefined) return;
    const catalogue = new CatalogueThread(files.folder);
    this.#catalogue = catalogue;
    this.#catalogueDesk = new CatalogueDesk({ catalogue, hasher: this.#hasher, onEvent, onError });
    this.#desk = new TransferDesk({
      inbox: new UploadInbox({ folder: files.folder, limits: files.uploadLimits }),
      catalogue,
      hasher: this.#hasher,
      host: files.transferHost,
      udpPort: files.udpPortAdvertised,
      onEvent,
      onError,
    });
  }

  setTls(identity: TlsIdentity): void {
    explainIdentity(() => this.#listener.setIdentity(identity));
    this.#fingerprint = identityFingerprint(identity.certificate);
  }

  async start(): Promise<ListenAddress> {
    try {
      return await this.#start();
    } catch (error) {
      await Promise.all([this.#store.close(), this.#accountStore.close()]);
      throw error;
    }
  }

  address(): ListenAddress | undefined {
    return this.#address;
  }

  operatorCode(): string | undefined {
    return this.#domain?.operatorCode;
  }

  stop(options: StopOptions = {}): Promise<void> {
    this.#stopped ??= this.#stop(options);
    return this.#stopped;
  }

  statistics(): ServerStatistics {
    invariant(this.#domain !== undefined, 'statistics are asked for after start');
    return {
      ...this.#domain.statistics(),
      connections: this.#listener.connectionCount,
      queuedBytes: this.#listener.queuedBytes,
      hashing: this.#hasher.jobCount,
    };
  }

  async #start(): Promise<ListenAddress> {
    const { host, port, serverName, motd, files, admission = 'open' } = this.#options;
    const epoch = 1 + randomBytes(6).readUIntBE(0, 6);
    const accounts = await this.#accountStore.open();
    this.#domain = new ChatServer({
      serverName: serverName ?? 'Parley',
      motd: motd ?? '',
      limits: this.#limits,
      epoch,
      rooms: await openRooms(this.#store, epoch),
      hash: (bytes) => createHash('sha256').update(bytes).digest(),
      wallClock: () => this.#clock.wall(),
      sharesFiles: files !== undefined,
      uploads: files?.uploads ?? 'off',
      accounts,
      admission,
      operatorCode: randomBytes(OPERATOR_CODE_BYTES).toString('hex'),
      fingerprint: () => this.#fingerprint,
      verify: verifySignature,
      randomBytes: (count) => randomBytes(count),
    });
    if ((files?.uploads ?? 'off') !== 'off') void this.#desk?.startTidying();
    this.#address = await this.#listener.listen({ host, port });
    return this.#address;
  }

  #createListener(connectionsMax: number, onEvent: (event: ServerEvent) => void): ChatListener {
    const { doorLimits, files, tls } = this.#options;
    return explainIdentity(
      () =>
        new ChatListener({
          connectionsMax,
          doorLimits: { ...DEFAULT_DOOR_LIMITS, ...doorLimits },
          tls,
          transferPort: () => files?.transferHost.tlsPort(),
          onEvent,
          onTurnEnd: () => {
            this.#clock.release();
            this.#turns.handleTurnEnd();
          },
          onError: (error) => this.emit('fault', error),
          onRefused: (code, detail) => this.emit('refused', { code, detail }),
        }),
    );
  }

  async #stop(options: StopOptions): Promise<void> {
    const { message = 'the server is stopping', reconnectAfterMs, reconnectSpreadMs = 0 } = options;
    const { drainMaxMs = 0 } = options;
    if (drainMaxMs > 0 && this.statistics().transfers > 0) {
      const back = { reconnectAfterMs: reconnectAfterMs ?? 0, reconnectSpreadMs };
      this.#handle({ type: 'drain', message, endsWithinMs: drainMaxMs, ...back });
      await this.#transfersDone(drainMaxMs);
    }
    this.#turns.handleStop();
    if (this.#domain !== undefined)
      this.#handle({ type: 'stop', message, reconnectAfterMs, reconnectSpreadMs });
    await Promise.all([this.#listener.stop(LINGER_MS), this.#options.files?.transferHost.close()]);
    this.#catalogueDesk?.close();
    this.#desk?.close();
    await Promise.all([this.#hasher.close(), this.#catalogue?.close()]);
    await Promise.all([this.#historyDesk.settled(), this.#accountDesk.settled()]);
    await Promise.all([this.#store.close(), this.#accountStore.close()]);
    clearTimeout(this.#deadlineTimer);
  }

  // CHAT-DRAIN-2
  #transfersDone(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(impatience);
        this.#whenHandled = () => {};
        resolve();
      };
      const impatience = setTimeout(done, patienceMs);
      this.#whenHandled = () => {
        if (this.statistics().transfers === 0) done();
      };
    });
  }

  #handle(event: ServerEvent): void {
    if (event.type === 'message-received') {
      this.#clock.hold();
      this.#turns.handleSaid();
    }
    try {
      invariant(this.#domain !== undefined, 'nothing happens before start');
      const effects = this.#domain.handle(event, this.#clock.now());
      for (const effect of effects) this.#carryOut(effect);
    } catch (error) {
      this.#abandon(event, error);
    }
    if (event.type === 'written') this.#turns.handleWritten();
    else if (event.type !== 'message-received') this.#turns.write();
    this.#armDeadline();
    this.#whenHandled();
  }

  #write(): void {
    const write = this.#domain?.pollWrite();
    if (write !== undefined) this.#carryOut(write);
  }

  /** A mistake of ours while handling an event ends the connection that it came from, and nothing else. */
  #abandon(event: ServerEvent, error: unknown): void {
    this.emit('fault', error);
    if (!('connectionId' in event) || event.type === 'connection-closed') return;
    const { connectionId } = event;
    const reconnectAfterMs = RECONNECT_AFTER_MS['internal-error'];
    const message = 'the server made a mistake';
    const goodbye = { type: 'goodbye', code: 'internal-error', message, reconnectAfterMs } as const;
    this.#listener.send(connectionId, serverMessages.encode(goodbye));
    this.#listener.close(connectionId);
    this.#handle({ type: 'connection-closed', connectionId, detail: message });
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.#listener.send(effect.connectionId, serverMessages.encode(effect.message));
        break;
      case 'broadcast':
        this.#listener.broadcast(effect.connectionIds, serverMessages.encode(effect.message));
        break;
      case 'close':
        this.#listener.close(effect.connectionId);
        break;
      case 'list-files':
        void this.#catalogueDesk?.list(effect);
        break;
      case 'watch-files':
        this.#catalogueDesk?.watch(effect.isWanted);
        break;
      case 'open-transfer':
      case 'open-folder':
        void this.#desk?.open(effect);
        break;
      case 'open-upload':
        void this.#desk?.openUpload(effect);
        break;
      case 'settle-upload':
      case 'discard-file':
      case 'list-sent':
      case 'forget-user':
        void this.#desk?.carryOut(effect);
        break;
      case 'cancel-transfer':
        this.#desk?.cancel(effect.transferId, effect);
        break;
      case 'write':
        this.#historyDesk.write(effect);
        break;
      case 'read-history':
        this.#historyDesk.read(effect);
        break;
      case 'search':
        this.#historyDesk.search(effect);
        break;
      case 'read-markers':
        this.#historyDesk.readMarkers(effect);
        break;
      case 'hash-password':
        this.#accountDesk.hashPassword(effect);
        break;
      case 'check-password':
        this.#accountDesk.checkPassword(effect);
        break;
      case 'write-accounts':
        this.#accountDesk.write(effect);
        break;
      case 'read-audit':
        this.#accountDesk.readAudit(effect);
        break;
      case 'note':
        if (effect.note.name === 'session-greeted') this.#listener.greet(effect.note.connectionId);
        this.emit('note', effect.note);
        break;
      default:
        effect satisfies never;
    }
  }

  #armDeadline(): void {
    const next = this.#domain?.nextDeadline() ?? Number.POSITIVE_INFINITY;
    // A timer that comes too early does no harm: it finds nothing due and is set again.
    if (next >= this.#deadlineAt) return;
    clearTimeout(this.#deadlineTimer);
    this.#deadlineAt = next;
    const delayMs = Math.max(0, Math.ceil(next - this.#clock.now()));
    this.#deadlineTimer = setTimeout(() => {
      this.#deadlineAt = Number.POSITIVE_INFINITY;
      this.#handle({ type: 'deadline' });
    }, delayMs);
  }
}

/** A store in memory is bounded more tightly: with the largest texts 4 MiB a room. */
const FORGETFUL_LIMITS: ServerLimits = { ...DEFAULT_LIMITS, historyMessagesMax: 1_000 };
