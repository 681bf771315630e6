import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ClientError, type Credential, formatAddress, type ParleyClient } from '@parley/client-core';
import type { ServerAddress } from '../address.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { enter } from '../interactive/come-in.ts';
import { safeLines, safeText } from '../text/safe-text.ts';
import type { KeyRing } from '../trust/login-keys.ts';
import type { Ask } from './confirmation.ts';

/** How a script ended. */
export interface ScriptResult {
  readonly exitCode: number;
  /** For stderr, when it did not end well. */
  readonly problem?: string;
}

/** It did what it was asked for. */
export const DONE: ScriptResult = { exitCode: EXIT_CODES.success };

/** Where the results of a script go: lines on stdout, progress on stderr. */
interface ScriptOutput {
  /** One line of the result. */
  print(line: string): void;
  /** The bytes of a file, as they are. */
  pour(path: string): Promise<void>;
  /** A line beside the result, for whoever watches. */
  note(line: string): void;
  /** Replaces the progress shown so far; an empty text removes it. Nothing where nobody watches. */
  progress(text: string): void;
  readonly progressColumns: number;
}

/** Where a client puts what it makes, if not where the command line says. */
export interface ClientFolders {
  readonly downloadFolder: string;
  readonly qlogDirectory: string;
}

/** What every script needs. */
export interface ScriptContext {
  readonly address: ServerAddress;
  readonly createClient: (address: ServerAddress, folders?: ClientFolders) => ParleyClient;
  /** What comes in on stdin; whoever reads it stops with `signal`. */
  readonly openInput: () => Readable;
  /** Shows whose account it is; without it, and without a key, a script comes as a guest. */
  readonly credential: Credential | undefined;
  readonly keyRing: KeyRing;
  readonly output: ScriptOutput;
  /** Asks who sits there. */
  readonly ask: Ask;
  /** Aborted when the program has to end. */
  readonly signal: AbortSignal;
}

/**
 * Connects, registers if there is a nickname, does the work, and leaves with a goodbye whatever happened.
 * Throws what kept the work from being done.
 */
export async function withClient<Result>(
  context: ScriptContext,
  nickname: string | undefined,
  work: (client: ParleyClient) => Promise<Result>,
): Promise<Result> {
  const client = context.createClient(context.address);
  const stop = () => void client.leave();
  context.signal.addEventListener('abort', stop);
  try {
    context.signal.throwIfAborted();
    await client.connect();
    const { address, credential, keyRing } = context;
    const findKey = () => keyRing.find(formatAddress(address));
    if (nickname !== undefined) await enter(client, nickname, credential, findKey);
    return await work(client);
  } finally {
    context.signal.removeEventListener('abort', stop);
    await client.leave();
  }
}

/** Goes into a room; gives its name as the server spells it. What goes wrong is said with the name. */
export async function enterRoom(client: ParleyClient, name: string): Promise<string> {
  try {
    const { room } = await client.join(name);
    return room;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw new ClientError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

/** Writes results and progress to the streams of a process. */
export class StreamOutput implements ScriptOutput {
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  readonly #showsProgress: boolean;
  #isProgressShown = false;

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, showsProgress: boolean) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#showsProgress = showsProgress;
  }

  get progressColumns(): number {
    return (this.#stderr.columns || 80) - 1;
  }

  /** A program reads exactly what the server said; a person at a terminal reads what is safe to show. */
  print(line: string): void {
    this.progress('');
    this.#stdout.write(`${this.#stdout.isTTY ? safeText(line) : line}\n`);
  }

  async pour(path: string): Promise<void> {
    this.progress('');
    await pipeline(createReadStream(path), this.#stdout, { end: false });
  }

  note(line: string): void {
    this.progress('');
    this.#stderr.write(`parley: ${safeLines(line).join(' ')}\n`);
  }

  progress(text: string): void {
    if (!this.#showsProgress || (text === '' && !this.#isProgressShown)) return;
    this.#isProgressShown = text !== '';
    this.#stderr.write(`\r\u001b[K${text}`);
  }
}
