import type { ServerSide } from '../chat/server-side.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { ServerProgram, type ServerProgramOptions } from './server-program.ts';

/** What the server's machine is made of. */
export type ServerMachineOptions = Omit<MachineOptions, 'name' | 'folder' | 'onTrespass' | 'onDeath'> &
  Pick<ServerProgramOptions, 'udp' | 'violations'>;

/** The machine of the server: starts it again whenever it died. */
export class ServerMachine extends Machine {
  readonly #server: ServerMachineOptions;
  #program: ServerProgram | undefined;

  constructor(options: ServerMachineOptions) {
    const { world, random, violations } = options;
    super({
      ...options,
      name: 'server',
      folder: '/shared',
      onTrespass: (path) => violations.add('roots', `the server touched ${path}`),
      onDeath: () => world.after(200 + random.ratio() * 8_000, () => this.start()),
    });
    this.#server = options;
  }

  start(): void {
    if (this.process !== undefined) return;
    const { process, fileSystem, life } = this.boot();
    const { folder } = this;
    const random = this.#server.random.fork(`life ${life}`);
    const program = new ServerProgram({ ...this.#server, process, fileSystem, folder, life, random });
    this.#program = program;
    process.enter(() => void program.start());
  }

  /** A client connects: gives our side of the connection, unless nobody listens. */
  accept(address: string): ServerSide | undefined {
    return this.process && this.#program?.accept(address);
  }

  /** The process ends in order. */
  stop(): void {
    const { process } = this;
    process?.enter(() => void this.#program?.stop());
  }

  /** Nobody is here any more: nothing may be left of them. */
  auditEmpty(): void {
    const { transfers = 0, tickets = 0, connections = 0 } = this.#program?.counters ?? {};
    const isEmpty = transfers + tickets + connections === 0 && this.openPaths.length === 0;
    this.#server.violations.require(isEmpty, 'leak', () => {
      const counts = `${transfers} transfers, ${tickets} tickets, ${connections} connections`;
      return `the server has ${counts}, open: ${this.openPaths.join(' ')}`;
    });
  }

  /** It was stopped: it is gone, with all that it had. */
  auditStopped(): void {
    const { process } = this;
    const timers = process?.timerCount ?? 0;
    // One timer is the driver's, which looks after the conversation.
    this.#server.violations.require(timers <= 1, 'leak', () => `the server has ${timers} timers left`);
    process?.exit();
  }
}
