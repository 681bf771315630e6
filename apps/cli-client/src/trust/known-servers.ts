import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configFolder } from '../profile/folders.ts';
import { parseFingerprint } from './fingerprint.ts';

/** A file of known servers that cannot be believed. The message says where and what to do. */
export class KnownServersError extends Error {
  override readonly name = 'KnownServersError';
  readonly code = 'known-servers-unusable';
}

const HEADING =
  '# The servers that parley has connected to: HOST:PORT FINGERPRINT. The last line of a server counts.\n';

/**
 * The servers whose fingerprints were accepted, one a line, in a file that people may read and edit. Lines are only ever
 * added, so that programs that run at the same time lose nothing of each other.
 */
export class KnownServers {
  readonly #file: string;
  /** Accepted in this process: these count even if the file cannot be written. */
  readonly #accepted = new Map<string, string>();

  constructor(file: string) {
    this.#file = file;
  }

  /** The fingerprint of a server; `undefined` when it is not known. Throws `KnownServersError` for a damaged file. */
  find(server: string): string | undefined {
    return this.#accepted.get(server) ?? this.#read().get(server);
  }

  /** Remembers a server; gives the problem in words when that lasts only as long as this process. */
  remember(server: string, fingerprint: string): string | undefined {
    this.#accepted.set(server, fingerprint);
    try {
      const text = readIfThere(this.#file);
      const before = text === undefined ? HEADING : text === '' || text.endsWith('\n') ? '' : '\n';
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, `${before}${server} ${fingerprint}\n`, { mode: 0o600 });
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return `${server} cannot be remembered (${code}): ${this.#file}`;
    }
  }

  #read(): Map<string, string> {
    const known = new Map<string, string>();
    const lines = this.#text().split(/\r?\n/);
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const [server = '', text = '', ...rest] = line.trim().split(/\s+/);
      const fingerprint = parseFingerprint(text);
      if (fingerprint === undefined || rest.length > 0) {
        const where = `line ${index + 1} of ${this.#file}`;
        // Skipping it would make a known server an unknown one.
        throw new KnownServersError(`${where} is not HOST:PORT FINGERPRINT: correct it, or delete the line`);
      }
      known.set(server, fingerprint);
    }
    return known;
  }

  #text(): string {
    try {
      return readIfThere(this.#file) ?? '';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new KnownServersError(`the known servers cannot be read (${code}): ${this.#file}`, {
        cause: error,
      });
    }
  }
}

/** Where the known servers of this user are kept. */
export function knownServersFile(env: NodeJS.ProcessEnv): string {
  return join(configFolder(env), 'known-servers');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
