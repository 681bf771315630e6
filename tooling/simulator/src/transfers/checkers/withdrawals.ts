import { ownPartPrefix } from '@parley/server-core/parts';
import type { AccountChange } from '@parley/server-core/pure';
import type { World } from '../../chat/world.ts';
import type { Violations } from '../../checkers/violations.ts';
import type { Giving } from '../giving.ts';
import type { SimulatedUdp } from '../network/simulated-udp.ts';
import type { ServerMachine } from '../server-machine.ts';
import type { User } from '../user.ts';

/** Whoever is sent away has no transfers after this time; whatever their programs do, which have not heard of it yet. */
const ENDED_MS = 1;
/** Of whoever has no account any more nothing is left after this time. */
const REMOVED_MS = 60_000;

/** What there is to watch. */
export interface WithdrawalsOptions {
  readonly world: World;
  readonly udp: SimulatedUdp;
  readonly violations: Violations;
  readonly giving: Giving;
  readonly server: () => ServerMachine;
  readonly users: () => readonly User[];
  /** Nothing holds the server's disk up. */
  readonly isPrompt: boolean;
}

/** Watches what becomes of transfers whose users lose what allowed them. */
// CHAT-WITHDRAWN-1, CHAT-WITHDRAWN-2
export class Withdrawals {
  readonly #options: WithdrawalsOptions;

  constructor(options: WithdrawalsOptions) {
    this.#options = options;
  }

  /** Somebody in charge has sent a user away. */
  handleDecreed(action: string, target: string): void {
    if (action !== 'kick' && action !== 'ban') return;
    const user = this.#options.users().find(({ identity }) => identity.nickname === target);
    if (user !== undefined) this.#requireEnd(user, `a ${action}`);
  }

  /** The server keeps changes of accounts. */
  handleAccounts(changes: readonly AccountChange[]): void {
    for (const change of changes) {
      for (const user of this.#options.users()) {
        const { nickname } = user.identity;
        const what = user.identity.apply(change);
        if (what === undefined) continue;
        this.#requireEnd(user, `an account ${what}`);
        if (what === 'deleted') this.#handleDeleted(user, nickname);
      }
    }
  }

  #handleDeleted(user: User, nickname: string): void {
    const { giving, world, violations } = this.#options;
    const server = this.#options.server();
    const { inbox, process, faults } = server;
    giving.noteForgotten(user);
    user.pursuit.handleForgotten();
    const ids = inbox.sentIdsWhere((name) => giving.recipientOf(name)?.user === user);
    for (const id of ids) inbox.noteDiscarding(id);
    const before = faults.count;
    if (faults.mayHaveLost) return;
    world.after(REMOVED_MS, () => {
      // What a server could not remove, which was killed or whose disk failed, gets old by itself.
      if (server.process !== process || faults.count !== before || faults.mayHaveLost) return;
      const left = [
        ...inbox.remainsLike(ownPartPrefix(nickname)),
        ...ids.filter((id) => inbox.isSentThere(id)),
      ];
      violations.require(left.length === 0, 'orphans', () => `of ${nickname} the server has ${left}`);
    });
  }

  #requireEnd({ name }: User, why: string): void {
    const { udp, world, violations, isPrompt } = this.#options;
    if (!isPrompt) return;
    const sides = udp.servedSidesOf(name);
    world.after(ENDED_MS, () => {
      const isOver = sides.every((side) => side.isOver || !side.process.isAlive);
      violations.require(isOver, 'authority', () => `${name} has transfers after ${why}`);
    });
  }
}
