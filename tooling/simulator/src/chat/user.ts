import type { ClientNotification, SessionEnd } from '@parley/client-core';
import type { Random } from '@parley/netsim';
import { USER_SECRET_BYTES, type UserSecret } from '@parley/protocol';
import { drawAction } from './actions.ts';
import { SayBook } from './checkers/say-book.ts';
import type { Entrance } from './entrance.ts';
import { Program, type ProgramOptions } from './program.ts';

/** What a user is made of. */
export type UserOptions = Pick<
  ProgramOptions,
  'world' | 'network' | 'violations' | 'committed' | 'name' | 'address'
> & {
  readonly random: Random;
  readonly actionEveryMs: number;
  readonly longTexts: boolean;
  readonly entrance: Entrance;
  /** Whether people use what power they have, or think they have. */
  readonly isModerated: boolean;
  /** Names of all users. */
  readonly others: readonly string[];
};

/** A person: starts a program, talks, starts another one when that ended, and notes what was promised. */
export class User {
  readonly book: SayBook;
  readonly #options: UserOptions;
  readonly #secret: UserSecret;
  #program: Program | undefined;
  #programCount = 0;
  #isTalking = true;
  #isGone = false;
  #registerTries = 0;

  constructor(options: UserOptions) {
    this.#options = options;
    this.#secret = options.random.fork('secret').bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret;
    this.book = new SayBook(options.violations, options.committed, options.name);
  }

  get name(): string {
    return this.#options.name;
  }

  get program(): Program | undefined {
    return this.#program;
  }

  start(): void {
    if (this.#isGone) return;
    this.#programCount += 1;
    const { random } = this.#options;
    this.#registerTries = 0;
    const program: Program = new Program({
      ...this.#options,
      random: random.fork(`program ${this.#programCount}`),
      secret: this.#secret,
      onNotification: (notification) => {
        if (program === this.#program) this.#notice(program, notification);
      },
    });
    this.#program = program;
    this.book.startProgram();
    program.start();
    this.#actLater(program);
  }

  /** The program dies; the user starts another one soon. */
  killProgram(isTold: boolean): void {
    if (this.#program === undefined) return;
    this.#program.kill(isTold);
    this.#program = undefined;
    this.#startLater();
  }

  /** Says nothing more of its own accord. */
  fallSilent(): void {
    this.#isTalking = false;
  }

  /** Goes for good, in one of the ways in which people go. */
  leave(): void {
    this.#isGone = true;
    const { random } = this.#options;
    if (random.chance(0.5)) this.#program?.command({ type: 'leave', reason: 'bye' });
    else this.#program?.kill(random.chance(0.5));
  }

  #notice(program: Program, notification: ClientNotification): void {
    if (notification.type === 'server-greeted') this.#register(program);
    if (notification.type === 'closed') {
      this.#checkEnd(program, notification.end);
      this.#program = undefined;
      this.#startLater();
    }
  }

  /** A program that was in a room may end because its user wants it, and comes back from everything else. */
  #checkEnd(program: Program, end: SessionEnd): void {
    const { violations, name } = this.#options;
    const isAccused =
      end.kind === 'protocol-violation' || (end.kind === 'goodbye' && end.code === 'protocol-violation');
    const isSentAway = end.kind === 'goodbye' && (end.code === 'kicked' || end.code === 'banned');
    const isForGood = program.client.session.nickname !== undefined && !program.isLeaving && !isSentAway;
    violations.require(!isAccused && !isForGood, 'comes back', () => `${name}: ${JSON.stringify(end)}`);
  }

  #register(program: Program): void {
    this.#registerTries += 1;
    const { entrance } = this.#options;
    program.command(entrance.command(), (settlement) => {
      if (settlement.isOk || program !== this.#program) return;
      entrance.handleRefusal(settlement.error.code);
      this.#options.world.after(1_000, () => {
        if (program !== this.#program || program.end !== undefined) return;
        // Somebody whose program does not get in starts it again.
        if (this.#registerTries >= 5 || settlement.error.code === 'already-registered') {
          this.killProgram(true);
        } else this.#register(program);
      });
    });
  }

  #startLater(): void {
    this.#options.world.after(this.#options.random.ratio() * 3_000, () => {
      if (this.#program === undefined) this.start();
    });
  }

  #actLater(program: Program): void {
    const { world, random, actionEveryMs } = this.#options;
    world.after(random.exponential(actionEveryMs), () => {
      if (program !== this.#program || !this.#isTalking) return;
      if (program.client.session.nickname !== undefined) {
        const step = this.#options.entrance.next();
        if (step !== undefined) program.command(step.command, step.onSettled);
        this.#act(program);
      }
      this.#actLater(program);
    });
  }

  #act(program: Program): void {
    const { random, others, longTexts, isModerated } = this.#options;
    const count = random.chance(0.03) ? random.integer(2, 30) : 1;
    for (let index = 0; index < count; index += 1) {
      if (program !== this.#program) return;
      const rooms = program.client.rooms.all.map(({ name }) => name);
      const surroundings = { rooms, others, said: this.book.said, longTexts, isModerated };
      const command = drawAction(random, surroundings, () => this.book.newText());
      if (command !== undefined) program.command(command, this.book.note(command, program.client.rooms));
    }
  }
}
