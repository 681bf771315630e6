import { createHash } from 'node:crypto';
import type { FolderListing } from '@parley/folders';
import type { Random } from '@parley/netsim';
import { type FilePath, type FolderEntry, serverMessages } from '@parley/protocol';
import {
  DEFAULT_LIMITS,
  openTransferEngine,
  type TransferEngine,
  type TransferRates,
} from '@parley/server-core';
import {
  type FileDigests,
  type FolderPlace,
  folderContentFor,
  HashError,
  HashProgress,
  hashFile,
  type SharedFile,
  TransferDesk,
  UploadInbox,
} from '@parley/server-core/parts';
import {
  type AccountChange,
  ChatServer,
  type ConnectionId,
  type Effect,
  type MemoryLog,
  newLobby,
  type ServerEvent,
} from '@parley/server-core/pure';
import { ServerSide } from '../chat/server-side.ts';
import type { World } from '../chat/world.ts';
import type { Violations } from '../checkers/violations.ts';
import type { Inbox } from './checkers/inbox.ts';
import type { SimulatedFileSystem } from './disk/disk-file-system.ts';
import type { SimulatedProcess } from './host/simulated-process.ts';
import { passwordHash } from './identity.ts';
import type { SimulatedUdp } from './network/simulated-udp.ts';
import type { ServerRules } from './plan/plan.ts';
import { receiveVisit, type Visit } from './visit.ts';

/** What a server's program is made of. */
export interface ServerProgramOptions {
  readonly world: World;
  readonly process: SimulatedProcess;
  readonly fileSystem: SimulatedFileSystem;
  readonly udp: SimulatedUdp;
  readonly violations: Violations;
  readonly random: Random;
  readonly folder: string;
  readonly life: number;
  /** What rooms hold, in all lives. */
  readonly log: MemoryLog;
  readonly rules: ServerRules;
  /** Bytes per second that it moves at most. */
  readonly rates: TransferRates;
  /** Files of a folder are read before it is offered, as they are when somebody has seen them in a list. */
  readonly hashesAhead: boolean;
  /** The digests of larger files go with their bytes, where they are not known. */
  readonly hashedFirstBytesMax: number;
  /** What is on the disk, seen from outside. */
  readonly inbox: Inbox;
  /** Of users, in all lives. */
  readonly accounts: AccountChange[];
  /** Changes of accounts are kept, and come into force. */
  readonly onAccounts: (changes: readonly AccountChange[]) => void;
  /** A decision of the operator is carried out. */
  readonly onDecreed: (action: string, target: string) => void;
  /** A room is told of a file that was sent. */
  readonly onSent: (id: string, name: string) => void;
}

/** Where transfers are served, in every life. */
const UDP_PORT = 9_000;

/** How a room is told of a file that came. */
const TOLD_PATTERN = /^file:(\S+) /;
/** Of one that was sent. */
const SENT_PATTERN = /^@([0-9a-f]{32})\/(\S+)$/;

/** One life of the server: the real core, its desk of transfers and its engine, with a driver in virtual time. */
export class ServerProgram {
  readonly #options: ServerProgramOptions;
  readonly #connections = new Map<ConnectionId, ServerSide>();
  readonly #digests = new Map<string, FileDigests>();
  #domain: ChatServer | undefined;
  #desk: TransferDesk | undefined;
  #uploads: UploadInbox | undefined;
  #engine: TransferEngine | undefined;
  #lastConnectionId = 0;
  #timer: NodeJS.Timeout | undefined;
  #deadlineAt = Number.POSITIVE_INFINITY;

  constructor(options: ServerProgramOptions) {
    this.#options = options;
  }

  /** What the engine holds; nothing before it is open. */
  get counters() {
    return this.#engine?.counters;
  }

  /** Uploads that have room reserved. */
  get reservedCount(): number {
    return this.#uploads?.reservedCount ?? 0;
  }

  async start(): Promise<void> {
    const { process, fileSystem, udp, folder, rules } = this.#options;
    const engine = await openTransferEngine({
      host: 'server',
      port: UDP_PORT,
      listen: udp.listenFor(process),
      fileSystem,
      uploadFileSystem: fileSystem,
      folderFileSystem: fileSystem,
      rates: this.#options.rates,
      onFailure: (error) => this.#complain(error),
    });
    this.#engine = engine;
    const uploads = new UploadInbox({ folder, limits: rules.uploadLimits });
    this.#uploads = uploads;
    const desk = new TransferDesk({
      catalogue: {
        find: (name) => this.#find(name),
        folderPlace: async (name) => ({ root: folder, below: name, name }),
        isFolder: async () => false,
        readFolder: async (place, wish) => {
          const listing = await this.#list(place);
          return listing && folderContentFor({ name: place.name, ...wish }, listing);
        },
      },
      hashedFirstBytesMax: this.#options.hashedFirstBytesMax,
      hasher: {
        known: (file) => this.#digests.get(digestKeyOf(file)),
        hash: (file, signal) => this.#hash(file, signal),
        follow: (file, signal) => this.#follow(file, signal),
        forget: (file) => void this.#digests.delete(digestKeyOf(file)),
      },
      inbox: uploads,
      host: engine,
      udpPort: undefined,
      onEvent: (event) => this.#handle(event),
      // A disk that fails makes itself heard here: that is as it should be.
      onError: () => undefined,
    });
    this.#desk = desk;
    this.#domain = this.#createDomain();
    await desk.startTidying();
  }

  /** A client connects: gives our side of the connection. The caller says when it is open. */
  accept(address: string): ServerSide | undefined {
    const { world, process } = this.#options;
    if (this.#domain === undefined || !process.isAlive) return undefined;
    this.#lastConnectionId += 1;
    const connectionId = this.#lastConnectionId as ConnectionId;
    const side = new ServerSide(world, {
      onEvent: (event) => process.enter(() => this.#handle(event)),
      onClosed: () => this.#connections.delete(connectionId),
      connectionId,
      address,
    });
    this.#connections.set(connectionId, side);
    process.atEnd(() => side.connection?.cut('client'));
    return side;
  }

  /** Somebody comes, says something, and goes. */
  receive(visit: Visit): void {
    this.#lastConnectionId += 1;
    receiveVisit(visit, this.#lastConnectionId as ConnectionId, (event) => this.#handle(event));
  }

  /** Ends in order; resolves when nothing is left. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    // Nothing is due any more.
    this.#deadlineAt = Number.NEGATIVE_INFINITY;
    this.#desk?.close();
    await this.#engine?.close();
  }

  #createDomain(): ChatServer {
    const { random, life, log, rules, accounts } = this.#options;
    const { transfersUnderWayMax, transfersPerUserMax, uploads } = rules;
    if (log.rooms().length === 0) log.write([{ type: 'create-room', room: newLobby(life, Date.now()) }]);
    return new ChatServer({
      serverName: 'Simulated',
      motd: '',
      limits: { ...DEFAULT_LIMITS, transfersUnderWayMax, transfersPerUserMax },
      epoch: life,
      rooms: log.rooms(),
      hash: (bytes) => createHash('sha256').update(bytes).digest(),
      wallClock: () => Date.now(),
      sharesFiles: true,
      uploads,
      accounts: [...accounts],
      admission: 'open',
      operatorCode: undefined,
      fingerprint: () => '',
      verify: () => false,
      randomBytes: (count) => random.bytes(count),
    });
  }

  #handle(event: ServerEvent): void {
    const domain = this.#domain;
    // What a dead process still does reaches nobody, and no store.
    if (domain === undefined || !this.#options.process.isAlive) return;
    try {
      for (const effect of domain.handle(event, performance.now())) this.#carryOut(effect);
      const write = domain.pollWrite();
      if (write !== undefined) this.#carryOut(write);
    } catch (error) {
      this.#complain(error);
    }
    this.#armDeadline(domain);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.#connections.get(effect.connectionId)?.enqueue(serverMessages.encode(effect.message));
        break;
      case 'broadcast': {
        const frame = serverMessages.encode(effect.message);
        for (const connectionId of effect.connectionIds) this.#connections.get(connectionId)?.enqueue(frame);
        break;
      }
      case 'close':
        this.#connections.get(effect.connectionId)?.close();
        break;
      case 'open-transfer':
      case 'open-folder':
        void this.#desk?.open(effect);
        break;
      case 'open-upload':
        if (effect.sent) this.#options.inbox.noteSending(effect.sent.id, effect.name);
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
      case 'write': {
        const value = this.#options.log.write(effect.operations);
        const { batchId, operations } = effect;
        for (const [index, operation] of operations.entries()) {
          if (value[index]?.type === 'appended') this.#noteTold(operation);
        }
        setImmediate(() => this.#handle({ type: 'written', batchId, outcome: { ok: true, value } }));
        break;
      }
      case 'read-markers':
        // Nobody here asks how far anybody has read.
        break;
      case 'read-history': {
        const { connectionId, requestId, query } = effect;
        const { roomKey } = query;
        const outcome = { ok: true, value: this.#options.log.read(query) } as const;
        setImmediate(() => this.#handle({ type: 'history-read', connectionId, requestId, roomKey, outcome }));
        break;
      }
      case 'write-accounts': {
        const { workId, changes } = effect;
        const outcome = { ok: true, value: undefined } as const;
        this.#options.accounts.push(...changes);
        this.#options.onAccounts(changes);
        setImmediate(() => this.#handle({ type: 'accounts-written', workId, outcome }));
        break;
      }
      case 'check-password': {
        const { workId, password, against } = effect;
        const outcome = { ok: true, value: against?.hash === password } as const;
        setImmediate(() => this.#handle({ type: 'password-checked', workId, outcome }));
        break;
      }
      case 'hash-password': {
        const { workId, password } = effect;
        const outcome = { ok: true, value: passwordHash(password) } as const;
        setImmediate(() => this.#handle({ type: 'password-hashed', workId, outcome }));
        break;
      }
      case 'note':
        if (effect.note.name === 'decreed') this.#options.onDecreed(effect.note.action, effect.note.target);
        this.#options.world.log(() => `server: ${JSON.stringify(effect.note)}`);
        break;
      default:
        this.#complain(new Error(`the server wants ${effect.type}`));
    }
  }

  #noteTold(operation: Extract<Effect, { type: 'write' }>['operations'][number]): void {
    if (operation.type !== 'append') return;
    const [, path] = TOLD_PATTERN.exec(operation.entry.text ?? '') ?? [];
    if (path === undefined) return;
    this.#options.inbox.noteTold(path);
    const [, id, name] = SENT_PATTERN.exec(path) ?? [];
    if (id !== undefined && name !== undefined) this.#options.onSent(id, name);
  }

  /** Stands in for the catalogue: a file that is there, as the system describes it. */
  async #find(name: FilePath): Promise<SharedFile | undefined> {
    const { fileSystem, folder } = this.#options;
    const path = `${folder}/${name}`;
    await new Promise<void>((resolve) => setImmediate(resolve));
    const stats = fileSystem.statSync(path, { throwIfNoEntry: false });
    return stats && sharedFile(name, path, stats);
  }

  /** Stands in for the thread that reads folders: what stands below one. */
  async #list({ root: above, below: path, name }: FolderPlace): Promise<FolderListing | undefined> {
    const { fileSystem } = this.#options;
    const root = path === '' ? above : `${above}/${path}`;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (fileSystem.statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
    const found: { readonly entry: FolderEntry; readonly file: SharedFile | undefined }[] = [];
    const walk = (below: string) => {
      for (const one of fileSystem.readdirSync(root + below)) {
        const path = `${below}/${one}`;
        const stats = fileSystem.statSync(root + path);
        const kind = stats.isFile() ? 'file' : 'folder';
        const [mode, modifiedAt] = [stats.mode, Math.floor(stats.mtimeMs)];
        const size = kind === 'file' ? stats.size : 0;
        const entry = { kind, mode, modifiedAt, size, path: path.slice(1) as FilePath } as const;
        const file =
          kind === 'file' ? sharedFile(`${name}${path}` as FilePath, root + path, stats) : undefined;
        found.push({ entry, file });
        if (kind === 'folder') walk(path);
      }
    };
    walk('');
    found.sort((left, right) => (left.entry.path < right.entry.path ? -1 : 1));
    if (this.#options.hashesAhead) await this.#hashAhead(found.map(({ file }) => file));
    return { entries: found.map(({ entry }) => entry), files: found.map(({ file }) => file), leftOut: [] };
  }

  /** Somebody has seen a list of these files. */
  async #hashAhead(files: readonly (SharedFile | undefined)[]): Promise<void> {
    const { signal } = new AbortController();
    for (const file of files) if (file !== undefined) await this.#hash(file, signal).catch(() => undefined);
  }

  /** Stands in for the thread that hashes, and remembers as that one does. */
  async #hash(file: SharedFile, signal: AbortSignal, progress?: HashProgress): Promise<FileDigests> {
    const key = digestKeyOf(file);
    const known = this.#digests.get(key);
    if (known !== undefined) return known;
    const what = { path: file.path, size: file.size, progress };
    const hashed = await hashFile(what, () => signal.aborted, this.#options.fileSystem as never);
    if (!hashed.ok) throw new HashError(hashed.code, hashed.problem);
    this.#digests.set(key, hashed.digests);
    return hashed.digests;
  }

  #follow(file: SharedFile, signal: AbortSignal): HashProgress {
    const progress = HashProgress.of(file.size);
    this.#hash(file, signal, progress).catch(() => undefined);
    return progress;
  }

  #armDeadline(domain: ChatServer): void {
    const next = domain.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (next >= this.#deadlineAt) return;
    this.#deadlineAt = next;
    const delayMs = Math.max(0, Math.ceil(next - performance.now()));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#deadlineAt = Number.POSITIVE_INFINITY;
      this.#handle({ type: 'deadline' });
    }, delayMs);
  }

  #complain(error: unknown): void {
    if (this.#options.process.isAlive) this.#options.violations.addException(error, 'server');
  }
}

function sharedFile(
  name: FilePath,
  path: string,
  stats: { readonly size: number; readonly mtimeMs: number; readonly ino: number; readonly mode: number },
): SharedFile {
  const { size, mtimeMs, ino, mode } = stats;
  return { name, path, size, modifiedAt: Math.floor(mtimeMs), mode, identity: `${ino}:${size}:${mtimeMs}` };
}

/** Digests hold as long as this stays the same. */
function digestKeyOf({ identity, path }: SharedFile): string {
  return `${identity}:${path}`;
}
