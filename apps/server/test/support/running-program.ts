import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The program as a user runs it, from source, at home in `folder`; and what it has written. */
export class RunningProgram {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stdout = '';
  stderr = '';

  constructor(folder: string, args: readonly string[], env: Record<string, string> = {}) {
    const inherited = { PATH: process.env.PATH ?? '', HOME: folder, XDG_DATA_HOME: join(folder, 'xdg') };
    this.child = spawn(process.execPath, ['--conditions=@parley/source', main, ...args], {
      env: { ...inherited, ...env },
    });
    this.child.stdout.on('data', (text) => {
      this.stdout += text;
    });
    this.child.stderr.on('data', (text) => {
      this.stderr += text;
    });
    this.exited = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** The ports, when the program says that it is ready. */
  async ready(): Promise<{ tcp: number; udp: number }> {
    for await (const line of createInterface({ input: this.child.stdout })) {
      const match = /^listening tcp=127\.0\.0\.1:(\d+) udp=127\.0\.0\.1:(\d+)$/.exec(line);
      if (match !== null) return { tcp: Number(match[1]), udp: Number(match[2]) };
    }
    throw new Error(`it ended before it was ready: ${this.stderr}`);
  }

  /** The log entry with that message, when it is written. */
  async logged(message: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.stderr.split('\n').find((one) => one.includes(`"msg":"${message}"`));
      if (line !== undefined) return JSON.parse(line);
      await once(this.child.stderr, 'data');
    }
  }
}
