import { join } from 'node:path';
import { bareEnvironment, Program, parleySourceCommand } from '@parley/programs';

/** The server program as a user runs it, from source, at home in `folder`. */
export class RunningServer extends Program {
  constructor(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const own = { ...bareEnvironment(), HOME: folder, XDG_DATA_HOME: join(folder, 'xdg') };
    super([...parleySourceCommand('server'), ...args], { name: 'the server', env: { ...own, ...env } });
  }

  /** The ports, when it says that it is ready. */
  async ready(): Promise<{ readonly tcp: number; readonly udp: number }> {
    const [, tcp, udp] = await this.stdout.line(/^listening tcp=127\.0\.0\.1:(\d+) udp=127\.0\.0\.1:(\d+)$/);
    return { tcp: Number(tcp), udp: Number(udp) };
  }

  /** The log entry with that message, when it is written. */
  async logged(message: string): Promise<Record<string, unknown>> {
    const { input } = await this.stderr.line(new RegExp(`"msg":"${message}"`));
    return JSON.parse(input);
  }
}
