import { messageOf, type Program } from '@parley/programs';
import { median } from '../statistics.ts';
import type { ChatPeer } from './chat-peer.ts';
import { checkComplete, type FanLoadReport } from './fan-load.ts';
import { JOIN_MS_MAX, PeerProcess } from './peer-process.ts';

/** How long it takes until everybody has a message, at a rate that is the same for all peers. */
export interface Latency {
  /** From the time at which a message was due until it was there: of each turn, and of these the median. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Over all turns together: the worst moments of the machine, and of the server. */
  readonly p99AllMs: number;
  readonly turns: number;
  /** Memory of the server at the end. */
  readonly rssMb: number;
}

/** How latency is measured. */
export interface LatencyOptions {
  readonly members: number;
  /** Deliveries a second. */
  readonly rate: number;
  /** Turns of each peer. */
  readonly turns: number;
}

/** Short enough that most turns are without a pause that the host of this machine makes. */
const TURN_SECONDS = 1;
/**
 * Seconds of talk before latency counts: a program in JavaScript is compiled while its first thousand messages come, by threads that
 * share the server's one processor.
 */
const WARM_SECONDS = 3;
/** The longest that a turn may take, with what it waits for at its end. */
const TURN_MS_MAX = (WARM_SECONDS + TURN_SECONDS) * 1_000 + 10_000;

/**
 * Measures the latency of all peers by turns: each has its server and its members there all the time, and talks for a second while the
 * others are silent. So what the machine does meanwhile hits all alike. Gives for each peer its latency, or why there is none.
 */
export async function measureLatencies(
  peers: readonly ChatPeer[],
  options: LatencyOptions,
): Promise<(Latency | { readonly error: string })[]> {
  const talkers = peers.map((peer) => new Talker(peer));
  try {
    // All servers before any clients, who could be given the port of a server by the system.
    for (const talker of talkers) await talker.attempt(() => talker.running.ready());
    for (const talker of talkers) await talker.attempt(() => talker.comeIn(options));
    for (let turn = 1; turn <= options.turns; turn++) {
      for (const talker of turn % 2 === 1 ? talkers : talkers.toReversed())
        await talker.attempt(() => talker.talk(turn));
    }
    return talkers.map(({ reports, error }) => (error === undefined ? summarizeTurns(reports) : { error }));
  } finally {
    await Promise.all(talkers.map(({ running }) => running.stop()));
  }
}

/** What the turns of a peer, at least one, say together. */
export function summarizeTurns(reports: readonly FanLoadReport[]): Latency {
  const { p99AllMs = 0, rssMb = 0 } = reports.at(-1) ?? {};
  return {
    p50Ms: median(reports.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(reports.map(({ p99Ms }) => p99Ms)),
    p99AllMs,
    turns: reports.length,
    rssMb,
  };
}

/** A server and its members, who talk when it is their turn; silent for good once something went wrong. */
class Talker {
  readonly running: PeerProcess;
  readonly reports: FanLoadReport[] = [];
  error: string | undefined;
  #generator: Program | undefined;

  constructor(peer: ChatPeer) {
    this.running = new PeerProcess(peer);
  }

  async attempt(body: () => Promise<void>): Promise<void> {
    if (this.error !== undefined) return;
    await body().catch((error: unknown) => {
      this.error = messageOf(error);
    });
  }

  async comeIn({ members, rate }: LatencyOptions): Promise<void> {
    const talk = { rate: rate / members, seconds: TURN_SECONDS, warm: WARM_SECONDS };
    this.#generator = this.running.load({ mode: 'turns', members, ...talk });
    await this.#generator.stdout.line(/READY/, JOIN_MS_MAX);
  }

  async talk(turn: number): Promise<void> {
    if (this.#generator === undefined) return;
    this.#generator.type('talk');
    const [line] = await this.#generator.stdout.line(new RegExp(`\\{"talk":${turn},.*\\}$`), TURN_MS_MAX);
    const report: FanLoadReport = JSON.parse(line);
    checkComplete(report);
    this.reports.push(report);
  }
}
