import type { ClientCommand, ClientNotification, SessionEnd } from '@parley/client-core';
import type { Random } from '@parley/netsim';
import { USER_SECRET_BYTES, type UserSecret } from '@parley/protocol';
import { drawAction } from './actions.ts';
import { MarkerBook } from './checkers/marker-book.ts';
import { SayBook } from './checkers/say-book.ts';
import type { Entrance } from './entrance.ts';
import type { Identity } from './identity.ts';
import { Program, type ProgramOptions } from './program.ts';

/** What a user is made of. */
export type UserOptions = Pick<
  ProgramOptions,
  'world' | 'network' | 'violations' | 'committed' | 'name' | 'address'
> & {
  readonly random: Random;
  readonly actionEveryMs: number;
  readonly longTexts: boolean;
  readonly identity: Identity;
  readonly entrance: Entrance;
  /** The others are there once there is an account. */
  readonly isFirstDevice: boolean;
  readonly deletesAccounts: boolean;
  /** Whether people use what power they have, or think they have. */
  readonly isModerated: boolean;
  /** Nicknames of all users. */
  readonly others: () => readonly string[];
};

/** A person at a device: starts a program, talks, starts another one when that ended, and notes what was promised. */
export class User {
  readonly book: SayBook;
  readonly #options: UserOptions;
  readonly #markers: MarkerBook;
  #program: Program | undefined;
  /** A program whose place another one has taken. */
  #former: Program | undefined;
  #programCount = 0;
  #isTalking = true;
  #isGone = false;
  #registerTries = 0;
  #hasTakenOver = false;
  #hasAskedForAccount = false;
  #generation = 0;

  constructor(options: UserOptions) {
    this.#options = options;
    this.#markers = new MarkerBook(options.violations, options.name);
    this.book = new SayBook(options.violations, options.committed, options.name);
  }

  get name(): string {
    return this.#options.name;
  }

  get nickname(): string {
    return this.#options.identity.nickname;
  }

  get program(): Program | undefined {
    return this.#program;
  }

  /** Whether it has to be here when nothing disturbs any more. */
  get isExpected(): boolean {
    const { isFirstDevice, identity } = this.#options;
    return isFirstDevice || identity.hasAccount;
  }

  start(): void {
    if (this.#isGone) return;
    const { random, identity, entrance } = this.#options;
    const { generation } = identity;
    if (!this.isExpected) {
      this.#startLater();
      return;
    }
    if (generation !== this.#generation) {
      entrance.beginAnew();
      this.#hasAskedForAccount = false;
    }
    this.#generation = generation;
    this.#programCount += 1;
    this.#registerTries = 0;
    this.#markers.startProgram();
    const secretOf = random.fork(`secret ${generation}`);
    const program: Program = new Program({
      ...this.#options,
      random: random.fork(`program ${this.#programCount}`),
      secret: secretOf.bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret,
      onNotification: (notification) => {
        if (program === this.#program) this.#notice(program, generation, notification);
        else if (program === this.#former) this.#noticeFormer(program, generation, notification);
      },
    });
    this.#program = program;
    this.book.startProgram();
    program.start();
    this.#actLater(program);
  }

  /** Another program on the same device: the server takes it for the one that lives, and sends the older one away. */
  takeOver(): void {
    if (this.#program?.client.session.nickname === undefined) return;
    this.#hasTakenOver = true;
    this.#former?.kill(true);
    this.#former = this.#program;
    this.#program = undefined;
    this.start();
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

  /** When nothing disturbs any more. `keptFor` gives what the server keeps for a nickname and a room. */
  auditSettled(keptFor: (nickname: string, roomKey: string) => number | undefined, isExact: boolean): void {
    const { violations, name } = this.#options;
    violations.require(this.#former === undefined, 'one program a device', () => `${name} has two`);
    const rooms = this.#program?.client.rooms.all.map((room) => room.name) ?? [];
    this.#markers.auditSettled(rooms, (key) => keptFor(this.nickname, key), isExact);
  }

  #notice(program: Program, generation: number, notification: ClientNotification): void {
    this.#markers.notice(notification);
    if (notification.type === 'server-greeted') this.#register(program);
    if (notification.type === 'closed') {
      this.#checkEnd(program, generation, notification.end);
      this.#program = undefined;
      // The former one came back and took the place again: its user closes it.
      this.#former?.kill(true);
      this.#former = undefined;
      this.#startLater();
    }
  }

  #noticeFormer(program: Program, generation: number, notification: ClientNotification): void {
    if (notification.type !== 'closed') return;
    this.#former = undefined;
    this.#checkEnd(program, generation, notification.end);
  }

  /** A program that was in a room may end because its user wants it, and comes back from everything else. */
  #checkEnd(program: Program, generation: number, end: SessionEnd): void {
    const { violations, name } = this.#options;
    const isAccused =
      end.kind === 'protocol-violation' || (end.kind === 'goodbye' && end.code === 'protocol-violation');
    const { identity } = this.#options;
    const code = end.kind === 'goodbye' ? end.code : undefined;
    if (code === 'account-deleted') identity.renew(generation);
    const isDeleted = identity.mayBeDeleted || identity.generation !== generation;
    const isSentAway = code === 'kicked' || code === 'banned' || (code === 'replaced' && this.#hasTakenOver);
    const isForGood =
      program.client.session.nickname !== undefined &&
      !program.isLeaving &&
      !isSentAway &&
      !isDeleted &&
      !this.#isLeftBehind(program, end);
    violations.require(!isAccused && !isForGood, 'comes back', () => `${name}: ${JSON.stringify(end)}`);
  }

  /** A guest whose other program has made an account of the nickname: the secret of both opens it no more, a password does. */
  #isLeftBehind(program: Program, end: SessionEnd): boolean {
    const isLost = end.kind === 'nickname-lost' && !program.mayHaveCredential;
    return isLost && this.#hasTakenOver && this.#hasAskedForAccount;
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
        const isAnother = this.#options.identity.generation !== this.#generation;
        if (isAnother || this.#registerTries >= 5 || settlement.error.code === 'already-registered') {
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
        if (step?.command.type === 'create-account') this.#hasAskedForAccount = true;
        if (step !== undefined) program.command(step.command, step.onSettled);
        this.#act(program);
      }
      this.#actLater(program);
    });
  }

  #act(program: Program): void {
    const { random, identity, longTexts, isModerated, deletesAccounts } = this.#options;
    const count = random.chance(0.03) ? random.integer(2, 30) : 1;
    for (let index = 0; index < count; index += 1) {
      if (program !== this.#program) return;
      const rooms = program.client.rooms.all.map(({ name }) => name);
      const password = deletesAccounts && identity.hasAccount ? identity.password : undefined;
      const others = this.#options.others();
      const surroundings = { rooms, others, password, said: this.book.said, longTexts, isModerated };
      const command = drawAction(random, surroundings, () => this.book.newText());
      if (command !== undefined) this.#command(program, command);
    }
  }

  #command(program: Program, command: ClientCommand): void {
    switch (command.type) {
      case 'mark-read':
        this.#markRead(program, command);
        break;
      case 'delete-account':
        this.#deleteAccount(program, command);
        break;
      default:
        program.command(command, this.book.note(command, program.client.rooms));
    }
  }

  /** As people do: what they have seen. */
  #markRead(program: Program, command: Extract<ClientCommand, { type: 'mark-read' }>): void {
    const { room } = command;
    const seen = program.client.rooms.find(room)?.view.position.sequence ?? 0;
    const sequence = Math.min(command.sequence, seen);
    program.command({ ...command, sequence }, (settlement) => {
      if (program !== this.#program) return;
      if (settlement.isOk) this.#markers.marked(room, sequence);
      else this.#markers.tried(room, sequence);
    });
  }

  #deleteAccount(program: Program, command: Extract<ClientCommand, { type: 'delete-account' }>): void {
    const { identity } = this.#options;
    const { generation } = identity;
    identity.noteDeletion();
    program.command(command, (settlement) => {
      if (settlement.isOk) identity.renew(generation);
    });
  }
}
