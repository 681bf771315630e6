import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createParleyClient,
  createWorkerTransferHost,
  type Download,
  type DownloadListener,
  type DownloadOffer,
  type DownloadTask,
  type TransferEnd,
  type TransferHost,
  type TransferProgress,
} from '@parley/client-core';
import {
  createParleyServer,
  type ParleyServerOptions,
  type TransferHost as ServerTransferHost,
  type TlsIdentity,
  type TransferHostEvent,
  type UploadRule,
} from '@parley/server-core';
import type { ServerAddress } from '../../src/address.ts';
import {
  type ConversationOptions,
  type ConversationResult,
  converse,
} from '../../src/interactive/conversation.ts';
import type { KeySource, TerminalListener } from '../../src/interactive/terminal.ts';
import { TerminalInterface } from '../../src/interactive/terminal-interface.ts';
import { type KeyRing, LoginKeys } from '../../src/trust/login-keys.ts';
import { ASCII_GLYPHS } from '../../src/view/glyphs.ts';
import { Workspace } from '../../src/workspace/workspace.ts';
import { VirtualScreen } from './virtual-screen.ts';

/** A download that lacks everything, and does what the test says; bytes do not move here. */
export class FakeDownload implements Download {
  readonly task: DownloadTask;
  readonly outcome: Promise<TransferEnd>;
  readonly calls: string[] = [];
  readonly #listener: DownloadListener;
  offer: DownloadOffer | undefined;
  end: (outcome: TransferEnd) => void = () => {};

  constructor(task: DownloadTask, listener: DownloadListener) {
    this.task = task;
    this.#listener = listener;
    this.outcome = new Promise((resolve) => {
      this.end = resolve;
    });
    const nothing = { chunkRoot: undefined, ranges: undefined, receivedBytes: 0, arrivedBytes: 0 };
    queueMicrotask(() => listener.onWanted({ ...nothing, trouble: undefined }));
  }

  report(
    progress: Pick<TransferProgress, 'phase' | 'receivedBytes' | 'size' | 'bytesPerSecond'> &
      Partial<Pick<TransferProgress, 'route'>>,
  ): void {
    this.#listener.onProgress({ resumedBytes: 0, changesSeen: 0, route: 'udp', ...progress });
  }

  take(offer: DownloadOffer): void {
    this.offer = offer;
  }

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
  }

  interrupt(): void {
    this.calls.push('interrupt');
  }

  stop(): void {
    this.calls.push('stop');
    this.end({ kind: 'stopped' });
  }

  cancel(): void {
    this.calls.push('cancel');
    this.end({ kind: 'cancelled' });
  }
}

class SilentTransferHost implements ServerTransferHost {
  #listener: (event: TransferHostEvent) => void = () => {};

  address() {
    return { host: '127.0.0.1', port: 40_000 };
  }

  tlsPort(): undefined {}

  async offer(): Promise<void> {}

  async expect(): Promise<{ readonly start: number }> {
    return { start: 0 };
  }

  cancel(transferId: Parameters<ServerTransferHost['cancel']>[0]): void {
    this.#listener({ type: 'failed', transferId, bytesSent: 0, reason: 'cancelled', detail: '' });
  }

  onEvent(listener: (event: TransferHostEvent) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {}
}

/** A real chat server in this process, a folder it shares, and a folder that downloads go to. */
export class TestRoom {
  readonly address: ServerAddress;
  readonly downloadFolder: string;
  /** The downloads of all people, in order. */
  readonly downloads: FakeDownload[] = [];
  /** What the server shares. */
  readonly folder: string;
  readonly #movesBytes: boolean;
  readonly #people: Person[] = [];
  /** The code that makes somebody an operator. */
  readonly operatorCode: string;
  readonly stop: () => Promise<void>;

  private constructor(parts: {
    readonly address: ServerAddress;
    readonly folder: string;
    readonly downloadFolder: string;
    readonly movesBytes: boolean;
    readonly operatorCode: string;
    readonly stop: () => Promise<void>;
  }) {
    this.operatorCode = parts.operatorCode;
    this.address = parts.address;
    this.folder = parts.folder;
    this.downloadFolder = parts.downloadFolder;
    this.#movesBytes = parts.movesBytes;
    this.stop = parts.stop;
  }

  /** With a `transferHost` bytes really move; without one the test says what becomes of each download. */
  static async open(
    files: Readonly<Record<string, string | Uint8Array>> = {},
    real: { readonly transferHost?: ServerTransferHost; readonly udpPortAdvertised?: number } = {},
    tls?: TlsIdentity,
    options: Pick<ParleyServerOptions, 'admission' | 'accountStore' | 'historyStore' | 'limits'> = {},
    uploads: UploadRule = 'all',
  ): Promise<TestRoom> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-shared-'));
    const downloadFolder = await mkdtemp(join(tmpdir(), 'parley-downloads-'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const server = createParleyServer({
      host: '127.0.0.1',
      port: 0,
      serverName: 'Test room',
      ...(tls === undefined ? {} : { tls }),
      limits: { presenceIntervalMs: 0 },
      ...options,
      files: { folder, transferHost: new SilentTransferHost(), uploads, ...real },
    });
    const faults: unknown[] = [];
    server.on('fault', (fault) => faults.push(fault));
    const address = await server.start();
    const stop = async () => {
      await server.stop({ message: 'closing time' });
      if (faults.length > 0) throw faults[0];
    };
    return new TestRoom({
      address,
      folder,
      downloadFolder,
      movesBytes: real.transferHost !== undefined,
      operatorCode: server.operatorCode() ?? '',
      stop,
    });
  }

  /** Somebody sits down at a terminal. */
  enter(options: PersonOptions = {}): Person {
    const createTransferHost = (): TransferHost => ({
      download: (task, listener) => {
        const download = new FakeDownload(task, listener);
        this.downloads.push(download);
        return download;
      },
      upload: () => {
        throw new Error('uploads want a room with a transfer host: their bytes really move');
      },
      close: async () => {},
    });
    const createClient = ({ host, port }: ServerAddress) =>
      createParleyClient({
        host,
        port,
        reconnects: options.isFullScreen ?? false,
        downloadFolder: this.downloadFolder,
        // A relay on the way decides how fast files come: they must not find another way.
        createTransferHost: this.#movesBytes
          ? () => createWorkerTransferHost({ transfers: 'udp' })
          : createTransferHost,
      });
    const keyRing = new LoginKeys(join(this.folder, '.keys'));
    const person = new Person(this.address, options, createClient, keyRing);
    this.#people.push(person);
    return person;
  }

  async close(): Promise<void> {
    for (const person of this.#people) person.interrupt();
    await Promise.all(this.#people.map((person) => person.result));
    await this.stop();
    await rm(this.folder, { recursive: true });
    await rm(this.downloadFolder, { recursive: true });
  }
}

type CreateClient = Parameters<typeof converse>[0]['createClient'];

/** Who sits down, and at what kind of screen. */
interface PersonOptions {
  readonly nickname?: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly isFullScreen?: boolean;
  /** The lines come from a program, which nobody can ask. */
  readonly isScript?: boolean;
  readonly openState?: NonNullable<ConversationOptions['openState']>;
}

/** Somebody at a terminal: types keys, and looks at the screen. */
export class Person implements KeySource {
  readonly screen: VirtualScreen;
  readonly result: Promise<ConversationResult>;
  readonly #controller = new AbortController();
  #listener: TerminalListener | undefined;

  constructor(
    address: ServerAddress | undefined,
    options: PersonOptions,
    createClient: CreateClient,
    keyRing: KeyRing,
  ) {
    this.screen = new VirtualScreen({ columns: options.columns ?? 100, rows: options.rows ?? 40 });
    const onInterrupt = () => this.interrupt();
    const workspace = options.isFullScreen ? new Workspace() : undefined;
    const renderer = workspace
      ? this.screen.fullScreenRenderer(workspace, { isImmediate: true, now: Date.now })
      : this.screen.renderer({ isImmediate: true });
    const ui = new TerminalInterface({
      terminal: this,
      renderer,
      glyphs: ASCII_GLYPHS,
      onInterrupt,
      ...(workspace && { workspace }),
    });
    const { nickname } = options;
    const { signal } = this.#controller;
    const rememberServer = () => undefined;
    this.result = converse({
      ui,
      address,
      nickname,
      hasPerson: options.isScript !== true,
      createClient,
      keyRing,
      rememberServer,
      ...(options.openState && { openState: options.openState }),
      signal,
    }).finally(() => ui.close());
  }

  /** Presses keys. */
  type(text: string): void {
    this.#listener?.onInput(text);
  }

  /** Types a line and presses Enter. */
  enter(line: string): void {
    this.type(`${line}\r`);
  }

  /** Makes an account of the nickname, with the password `all hands`. */
  async makeAccount(invite = ''): Promise<void> {
    for (const line of [`/register ${invite}`, 'all hands', 'all hands']) this.enter(line);
    await this.sees('is yours alone now');
  }

  /** Waits until the screen shows it. */
  sees(wanted: string | RegExp): Promise<void> {
    return this.screen.until(() => {
      const text = this.screen.allLines.join('\n');
      return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
    }, `to see ${wanted}`);
  }

  interrupt(): void {
    this.#controller.abort();
  }

  open(listener: TerminalListener): void {
    this.#listener = listener;
  }

  suspend(): void {}

  clear(): void {
    this.#listener?.onResume();
  }

  close(): void {
    this.#listener = undefined;
  }
}
