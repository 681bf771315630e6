import { ClientError, type ParleyClient } from '@parley/client-core';
import type { ServerAddress } from '../address.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { safeText } from '../text/safe-text.ts';

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
  /** Something that is not the result, and has to be known. */
  warn(words: string): void;
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
  /** All that comes in on stdin. */
  readonly readInput: () => Promise<string>;
  readonly output: ScriptOutput;
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
    if (nickname !== undefined) await client.register(nickname);
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

  warn(words: string): void {
    this.progress('');
    this.#stderr.write(`parley: ${safeText(words)}\n`);
  }

  progress(text: string): void {
    if (!this.#showsProgress || (text === '' && !this.#isProgressShown)) return;
    this.#isProgressShown = text !== '';
    this.#stderr.write(`\r\u001b[K${text}`);
  }
}
