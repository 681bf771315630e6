import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '@parley/programs';
import type { ChatPeer } from './chat-peer.ts';
import { buildFanLoad } from './fan-load.ts';

const START_MS_MAX = 5_000;
const POLL_MS = 20;
/** The longest that a generator may take to bring its clients in. */
export const JOIN_MS_MAX = 130_000;

// Server and generator do not take turns on one processor: which of both is the limit would be a matter of luck.
const onProcessor = (index: number, command: readonly string[]) => [
  'taskset',
  '-c',
  String(index),
  ...command,
];

/** A server that listens, and loads on it. */
export class PeerProcess {
  readonly server: Program;
  readonly #peer: ChatPeer;
  readonly #loads: Program[] = [];

  constructor(peer: ChatPeer) {
    if (peer.configuration !== undefined) writeFileSync(peer.configuration.path, peer.configuration.content);
    this.#peer = peer;
    this.server = new Program(onProcessor(0, peer.command));
  }

  /** Resolves when it listens; throws when it does not within five seconds. */
  async ready(): Promise<void> {
    const deadline = performance.now() + START_MS_MAX;
    while (!(await listensOn(this.#peer.port))) {
      if (this.server.hasEnded) throw new Error(`the server ended: ${this.server.complaints}`);
      if (performance.now() > deadline) throw new Error('the server does not listen');
      await sleep(POLL_MS);
    }
  }

  /** Starts the generator with these options. */
  load(options: Readonly<Record<string, string | number>>): Program {
    const { protocol, port, joining, speakers } = this.#peer;
    const own = { pid: this.server.pid ?? 0, ...(joining && { joining }), ...(speakers && { speakers }) };
    const settings = Object.entries({ ...own, ...options }).map(([key, value]) => `${key}=${value}`);
    const command = [buildFanLoad(), protocol, String(port), ...settings];
    const load = new Program(onProcessor(1, command), { hasInput: options.mode === 'turns' });
    this.#loads.push(load);
    return load;
  }

  async stop(): Promise<void> {
    await Promise.all([this.server, ...this.#loads].map((one) => one.kill()));
  }
}

/** Runs `body` with a fresh server of that peer. */
export async function withPeer<T>(peer: ChatPeer, body: (running: PeerProcess) => Promise<T>): Promise<T> {
  const running = new PeerProcess(peer);
  try {
    await running.ready();
    return await body(running);
  } finally {
    await running.stop();
  }
}

function listensOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
