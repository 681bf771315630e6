import type { ClientNotification } from '@parley/client-core';
import type { Network } from '../chat/network.ts';
import type { Violations } from '../checkers/violations.ts';
import type { Inbox } from './checkers/inbox.ts';
import { JournalChecker } from './checkers/journal-checker.ts';
import { TargetChecker } from './checkers/target-checker.ts';
import { ClientProgram } from './client-program.ts';
import { watchedBy } from './disk/disk.ts';
import { AcceptFile } from './errands/accept-file.ts';
import { AcceptFolder } from './errands/accept-folder.ts';
import type { Errand } from './errands/errand.ts';
import { GetFile } from './errands/get-file.ts';
import { GetFolder } from './errands/get-folder.ts';
import type { SimulatedProcess } from './host/simulated-process.ts';
import { Identity } from './identity.ts';
import { Machine, type MachineOptions } from './machine.ts';
import type { SimulatedUdp } from './network/simulated-udp.ts';
import type { UserKind } from './plan/plan.ts';
import { Pursuit } from './pursuit.ts';
import { Sources } from './sources.ts';

/** Where a user's downloads go, and where the files are that the user sends. */
const TARGET_FOLDER = '/downloads';
const SOURCE_FOLDER = '/documents';
/** The engine has ended what it does after this time, and every connection is gone. */
const QUIET_MS = 100_000;
/** A user who could not discard a file tries again. */
const DISCARD_AGAIN_MS = 5_000;

/** What a user is made of. */
export type UserOptions = Omit<MachineOptions, 'onDeath' | 'onTrespass' | 'folders' | 'flipsIn'> & {
  readonly network: Network;
  readonly udp: SimulatedUdp;
  readonly violations: Violations;
  readonly inbox: Inbox;
  readonly kind: UserKind;
  readonly server: Machine;
  /** Bytes per second that its program moves at most, in each direction. */
  readonly bytesPerSecondMax: number | undefined;
  /** The power may go soon after a file is told to be there, where it is. */
  readonly losesPowerWhenDone: boolean;
  /** On whose machine this one's program runs. */
  readonly roommate: User | undefined;
};

interface Life {
  readonly program: ClientProgram;
  readonly process: SimulatedProcess;
  isLeaving: boolean;
  /** Tries to get the nickname. */
  tries: number;
}

/** A person with a machine, who starts the program again whenever it ended. */
export class User {
  readonly machine: Machine;
  /** The user's own files. */
  readonly sources: Sources;
  readonly pursuit: Pursuit;
  readonly identity: Identity;
  readonly #options: UserOptions;
  readonly #journals: JournalChecker;
  /** All whose programs bring what they fetch to the same places. */
  readonly #together: User[];
  #life: Life | undefined;
  #isGone = false;

  constructor(options: UserOptions) {
    const { world, random, violations, name, roommate } = options;
    this.#options = options;
    this.#together = roommate === undefined ? [] : roommate.#together;
    this.#together.push(this);
    this.identity = new Identity(name, options.kind, random.fork('secret'));
    this.machine = new Machine({
      ...options,
      folders: [TARGET_FOLDER, SOURCE_FOLDER],
      sharedWith: roommate?.machine,
      flipsIn: (path) => path.startsWith(`${SOURCE_FOLDER}/`),
      onDeath: (death) => {
        this.#life = undefined;
        this.pursuit.handleDeath(death);
        this.#journals.handleDeath();
        world.after(500 + random.ratio() * 10_000, () => this.start());
      },
      onTrespass: (path) => violations.add('roots', `${name} touched ${path}`),
    });
    const { disk } = this.machine;
    this.sources = new Sources(world, disk, SOURCE_FOLDER, random.fork('sources'));
    this.pursuit = new Pursuit({
      ...options,
      machine: this.machine,
      running: () => (this.#life?.isLeaving === false ? this.#life : undefined),
      isShared: (errand) => this.#isShared(errand),
      onDone: (errand) => this.#handleDone(errand),
    });
    const targets = new TargetChecker(violations, { disk, targetOf: (path) => this.#sharedTargetOf(path) });
    this.#journals = new JournalChecker(violations, { disk, folder: TARGET_FOLDER });
    if (roommate === undefined) disk.watcher = watchedBy([targets, this.#journals]);
  }

  get name(): string {
    return this.#options.name;
  }

  /** The program of the moment, if one runs. */
  get program(): ClientProgram | undefined {
    return this.#life?.program;
  }

  /** Wants a shared file from now on. */
  get(name: string, sources: Sources): void {
    this.pursuit.add(new GetFile(this.machine, { name, targetPath: `${TARGET_FOLDER}/${name}`, sources }));
  }

  /** Wants a shared folder from now on. */
  getFolder(name: string, sources: Sources): void {
    this.pursuit.add(new GetFolder(this.machine, { name, targetPath: `${TARGET_FOLDER}/${name}`, sources }));
  }

  /** Hears of a file that somebody sent: fetches it and then discards it, or discards it at once. */
  hearOfSent(
    id: string,
    file: { readonly name: string; readonly sources: Sources; readonly isAccepted: boolean },
  ): void {
    const name = `@${id}/${file.name}`;
    if (!file.isAccepted) {
      this.#discard(id, name);
      return;
    }
    // The sender may have sent it twice.
    const targetPath = `${TARGET_FOLDER}/${id.slice(0, 8)} ${file.name}`;
    const { sources, name: sourceName } = file;
    if (sourceName.endsWith('/')) {
      const folder = { name: name.slice(0, -1), sourceName: sourceName.slice(0, -1) };
      const target = targetPath.slice(0, -1);
      this.pursuit.add(new AcceptFolder(this.machine, { ...folder, targetPath: target, sources }));
      return;
    }
    this.pursuit.add(new AcceptFile(this.machine, { name, targetPath, sources, sourceName }));
  }

  start(): void {
    const { world, udp, network, random, name, violations } = this.#options;
    if (this.#isGone || this.#life !== undefined) return;
    const { process, fileSystem, life: number } = this.machine.boot();
    const program = new ClientProgram({
      world,
      process,
      fileSystem,
      network,
      udp,
      name,
      bytesPerSecondMax: this.#options.bytesPerSecondMax,
      random: random.fork(`program ${number}`),
      secret: this.identity.secret,
      onNotification: (notification) => {
        if (this.#life === life) this.#notice(life, notification);
      },
      onException: (error) => {
        if (process.isAlive) violations.addException(error, name);
      },
    });
    const life: Life = { program, process, isLeaving: false, tries: 0 };
    this.#life = life;
    process.enter(() => program.start());
  }

  /** Ends the program in order; without `isForGood` it is started again. */
  leave(isForGood: boolean): void {
    this.#isGone ||= isForGood;
    const life = this.#life;
    if (life === undefined || life.isLeaving) return;
    life.isLeaving = true;
    this.pursuit.handleLeave();
    life.process.enter(() => life.program.command({ type: 'leave', reason: '' }));
  }

  /** The user is back after a time in which nothing was started. */
  comeBack(): void {
    this.#isGone = false;
    this.start();
  }

  /** Nothing disturbs any more. */
  calm(): void {
    this.machine.calm();
    this.pursuit.calm();
  }

  /** All that can be left over was taken away: only what has a final name is there, and the user's own files are as they were. */
  auditFolder(): void {
    const { violations } = this.#options;
    const hidden = this.machine.disk.list(TARGET_FOLDER).filter((entry) => entry.startsWith('.'));
    violations.require(hidden.length === 0, 'orphans', () => `${this.name}: ${hidden.join(' ')}`);
    const { spoiled } = this.sources;
    violations.require(spoiled.length === 0, 'roots', () => `${this.name} has changed ${spoiled.join(' ')}`);
  }

  /** Whether somebody else on the machine is at the same place now. */
  #isShared(errand: Errand): boolean {
    const others = this.#together.filter((user) => user !== this);
    return others.some(({ pursuit }) =>
      pursuit.wants.some(({ state, errand: other }) => state === 'open' && isSamePlace(errand, other)),
    );
  }

  /** For all who bring it there: who asked first may have got it. */
  #sharedTargetOf(path: string) {
    const targets = this.#together.map((user) => user.#targetOf(path)).filter((one) => one !== undefined);
    return targets.sort((left, right) => left.askedAtMs - right.askedAtMs)[0];
  }

  #targetOf(path: string) {
    for (const { errand, askedAtMs } of this.pursuit.wants) {
      const source = errand instanceof GetFolder ? errand.sourceOf(path) : undefined;
      if (errand instanceof GetFolder && source !== undefined) {
        // What was sent is what it was then.
        const sinceMs = errand instanceof AcceptFolder ? 0 : askedAtMs;
        return { source, versions: errand.sources.versionsOf(source), askedAtMs: sinceMs };
      }
      if (!(errand instanceof GetFile) || errand.targetPath !== path) continue;
      const versions = errand.sources.versionsOf(errand.sourceName);
      return { source: errand.name, versions, askedAtMs: errand instanceof AcceptFile ? 0 : askedAtMs };
    }
    return undefined;
  }

  #notice(life: Life, notification: ClientNotification): void {
    switch (notification.type) {
      case 'server-greeted':
        this.#register(life);
        break;
      case 'registered':
      case 'reconnected':
        this.pursuit.pursue();
        break;
      case 'transfer-changed':
        this.pursuit.handleTransfer(notification.transfer);
        break;
      case 'closed':
        if (!life.isLeaving) this.pursuit.handleLeave();
        life.isLeaving = true;
        void this.#end(life);
        break;
    }
  }

  #handleDone(errand: Errand): void {
    const name =
      errand instanceof AcceptFile ? errand.name : errand instanceof AcceptFolder ? errand.title : undefined;
    if (name !== undefined) this.#discard(name.slice(1, name.indexOf('/')), name);
  }

  #discard(id: string, name: string): void {
    const { world, inbox } = this.#options;
    const again = () => world.after(DISCARD_AGAIN_MS, () => this.#discard(id, name));
    const life = this.#life;
    if (life?.isLeaving !== false || life.program.core.session.state !== 'registered') {
      again();
      return;
    }
    inbox.noteDiscarding(id);
    life.process.enter(() => {
      life.program.command({ type: 'discard-file', name }, (settlement) => {
        if (!settlement.isOk && settlement.error.code !== 'file-not-found') again();
      });
    });
    // Whoever dies before the answer does not know.
    life.process.atEnd(() => inbox.isSentThere(id) && again());
  }

  #register(life: Life): void {
    life.tries += 1;
    life.program.command(this.identity.entry, (settlement) => {
      if (settlement.isOk) return;
      // Somebody whose program does not get in starts it again.
      this.#options.world.after(2_000, () => {
        if (this.#life !== life || life.isLeaving) return;
        if (life.tries >= 5 || settlement.error.code === 'already-registered') this.machine.kill('kill');
        else life.process.enter(() => this.#register(life));
      });
    });
  }

  /** The session is over: the program ends, and leaves nothing behind. */
  async #end(life: Life): Promise<void> {
    const { world, violations, name, udp } = this.#options;
    await life.program.close();
    world.after(QUIET_MS, () => {
      if (!life.process.isAlive) return;
      const { openPaths } = this.machine;
      violations.require(openPaths.length === 0, 'leak', () => `${name} has open: ${openPaths.join(' ')}`);
      const { timerCount } = life.process;
      violations.require(timerCount === 0, 'leak', () => `${name} has ${timerCount} timers left`);
      const sides = udp.openSides.filter((side) => side.process === life.process);
      violations.require(sides.length === 0, 'leak', () => `${name} has ${sides.length} connections left`);
      life.process.exit();
      this.#life = undefined;
      this.pursuit.handleEnd();
      this.start();
    });
  }
}

function isSamePlace(one: Errand, other: Errand): boolean {
  return one.targetPath !== undefined && one.targetPath === other.targetPath;
}
