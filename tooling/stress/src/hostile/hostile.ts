import type { Random } from '@parley/netsim';
import type { HostilePlan } from '../plan.ts';
import { RawClient } from '../raw-client.ts';
import { attack } from './attacks.ts';

/** What a hostile client has in hand while it attacks. */
export interface HostileOptions {
  readonly plan: HostilePlan;
  readonly port: number;
  readonly random: Random;
  /** The name of somebody honest. */
  readonly victim: string;
}

/** A message of a hostile client that was accepted: it counts as anybody's. */
export interface AcceptedText {
  readonly text: string;
  readonly sequence: number;
}

/** Silence, and half a `hello`, for longer than this: nobody is waited for so long (CHAT-HELLO-4, CHAT-TLS-1). */
const PATIENCE_MS_MAX = 14_000;

/** Somebody who attacks once, and then stays for as long as the server lets them. */
export class Hostile {
  readonly accepted: AcceptedText[] = [];
  readonly problems: string[] = [];
  readonly #options: HostileOptions;
  readonly #client: RawClient;
  #isStopped = false;

  constructor(options: HostileOptions) {
    const { plan, port } = options;
    this.#options = options;
    const isPlain = plan.manner === 'plain' || plan.manner === 'half-handshake';
    this.#client = new RawClient(port, isPlain ? 'tcp' : 'tls');
  }

  /** Resolves when it is over. */
  async play(): Promise<void> {
    const { plan, random, victim } = this.#options;
    const client = this.#client;
    const texts = await attack(client, { manner: plan.manner, name: plan.name, victim, random });
    const livedMs = await client.ended;
    this.#judge(texts, livedMs);
  }

  /** Ends it, if it has not. */
  stop(): void {
    this.#isStopped = true;
    this.#client.end();
  }

  #judge(texts: ReadonlyMap<number, string>, livedMs: number): void {
    const { plan, victim } = this.#options;
    const problem = (what: string) => this.problems.push(`${plan.name} (${plan.manner}) ${what}`);
    for (const message of this.#client.received) {
      if (message.type === 'registered') {
        if (plan.manner === 'long-name') problem(`was registered as ${message.nickname}`);
        if (message.nickname === victim) problem(`was registered as ${victim}, which is an account`);
      }
      const text = message.type === 'accepted' ? texts.get(message.requestId) : undefined;
      if (message.type === 'accepted' && text !== undefined)
        this.accepted.push({ text, sequence: message.sequence });
    }
    const isIdle = plan.manner === 'silent' || plan.manner === 'slow' || plan.manner === 'half-handshake';
    if (isIdle && livedMs > PATIENCE_MS_MAX && !this.#isStopped)
      problem(`was waited for ${Math.round(livedMs)} ms`);
  }
}
