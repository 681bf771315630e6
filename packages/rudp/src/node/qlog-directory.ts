import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ObserverFactory } from '../core/index.ts';
import { QlogWriter } from './qlog-writer.ts';

/** Text that is kept back until it is worth a write. */
const BUFFER_CHARACTERS_MAX = 65_536;

/**
 * Writes a file `<client id>_<client or server>.sqlog` into `directory` for each connection. Written synchronously, so that a
 * thread that is ended loses little: a tool for looking into something, not for every day. The directory is made when it is
 * missing; throws the system's error when that fails. A write that fails later costs the log, never the connection.
 */
export function qlogDirectory(directory: string): ObserverFactory {
  mkdirSync(directory, { recursive: true });
  return (now, connection) => {
    const file = new BufferedFile(join(directory, `${connection.clientId}_${connection.side}.sqlog`));
    return new QlogWriter({
      connection,
      startedAtMs: now,
      wallClockMs: performance.timeOrigin + now,
      write: (text) => file.write(text),
      // The driver may stop at any time from here on.
      onEnded: () => file.stopBuffering(),
    });
  };
}

/** Opened for each write: there is no descriptor to leak, whatever becomes of the connection. */
class BufferedFile {
  readonly #path: string;
  #text = '';
  #hasFailed = false;
  #isBuffered = true;

  constructor(path: string) {
    this.#path = path;
  }

  stopBuffering(): void {
    this.#isBuffered = false;
    this.#flush();
  }

  write(text: string): void {
    if (this.#hasFailed) return;
    this.#text += text;
    if (!this.#isBuffered || this.#text.length >= BUFFER_CHARACTERS_MAX) this.#flush();
  }

  #flush(): void {
    try {
      appendFileSync(this.#path, this.#text);
    } catch {
      this.#hasFailed = true;
    }
    this.#text = '';
  }
}
