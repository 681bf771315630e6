import { createHash, webcrypto } from 'node:crypto';
import nodeFileSystem from 'node:fs';
import nodeFiles from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import nodeSystem from 'node:os';
import nodeTimers from 'node:timers/promises';
import { START_TIME, type World } from '../../chat/world.ts';
import { AwaitNotes, notedEach } from '../awaits/await-notes.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** Hashing in another thread takes about this long for a chunk. */
const DIGEST_MS_MAX = 2;

type Call = (...values: unknown[]) => void;

/** Real ones, whatever stands in for them meanwhile. */
const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };

/** What processes call of `node:fs/promises`. */
const FILE_CALLS = [
  'access',
  'lstat',
  'mkdir',
  'open',
  'readFile',
  'readdir',
  'realpath',
  'rename',
  'rm',
  'stat',
  'statfs',
  'unlink',
] as const;

/**
 * Puts what processes ask of their system (timers, clocks, files, their number, hashing in another thread) into virtual time. Between
 * `install` and `uninstall` this thread's globals belong to the process that runs at the moment: one at a time, until all
 * that it has begun in this turn is done.
 */
export class VirtualHost {
  /** What processes wait for, where somebody watches (../awaits/watch-awaits.ts). */
  readonly awaits = new AwaitNotes();
  readonly #world: World;
  readonly #processes = new Set<SimulatedProcess>();
  #current: SimulatedProcess | undefined;
  #restore: (() => void)[] = [];
  #lastPid = 1_000;
  #clockAheadMs = 0;
  #idleMs = 0;
  #digests = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A number that no process has; `likely` is taken when it is free again. */
  newPid(likely?: number): number {
    const isTaken = [...this.#processes].some(({ pid }) => pid === likely);
    if (likely !== undefined && !isTaken) return likely;
    this.#lastPid += 1;
    return this.#lastPid;
  }

  /** Milliseconds since 1970. */
  wallClock(): number {
    return START_TIME + this.#world.now + this.#clockAheadMs;
  }

  /** Milliseconds since the machine was started. */
  uptime(): number {
    return this.#world.now + this.#idleMs;
  }

  /** Somebody sets the wall clocks so much later, or earlier. */
  setClocks(ms: number): void {
    this.#clockAheadMs += ms;
  }

  /** Days go by in which nothing happens. */
  letPass(ms: number): void {
    this.#clockAheadMs += ms;
    this.#idleMs += ms;
  }

  add(process: SimulatedProcess): void {
    this.#processes.add(process);
    process.atEnd(() => this.#processes.delete(process));
  }

  /** Runs something of a process: it has the thread until `endTurn`. */
  runAs(process: SimulatedProcess, run: () => void): void {
    if (this.#current !== undefined && this.#current !== process) {
      throw new Error(`${process.name} runs in the turn of ${this.#current.name}`);
    }
    this.#current = process;
    run();
  }

  /** Lets everything finish that was begun and waits for nothing outside; the thread is free then. */
  async endTurn(): Promise<void> {
    if (this.#current === undefined) return;
    await new Promise<void>((resolve) => real.setImmediate(resolve));
    this.#current = undefined;
  }

  install(): void {
    this.#replaceTimers();
    this.#replace(nodeSystem, 'uptime', () => this.uptime() / 1000);
    this.#replaceFiles();
    this.#replace(performance, 'now', () => this.#world.now);
    this.#replace(Date, 'now', () => Math.floor(this.wallClock()));
    this.#replace(webcrypto.subtle, 'digest', (_name: string, bytes: Uint8Array) => this.#digest(bytes));
    this.#replaceAwaits();
    this.#replace(process, 'kill', (pid: number) => this.#assertThere(pid));
    const { pid } = process;
    Object.defineProperty(process, 'pid', { configurable: true, get: () => this.#current?.pid ?? pid });
    this.#restore.push(() => Object.defineProperty(process, 'pid', { configurable: true, value: pid }));
  }

  uninstall(): void {
    for (const restore of this.#restore) restore();
    this.#restore = [];
    syncBuiltinESMExports();
  }

  #replaceAwaits(): void {
    const note = <Value>(place: string, value: Value): Value =>
      this.#current === undefined ? value : this.awaits.note(this.#current, place, value);
    this.#replace(globalThis, 'noteAwait', note);
    this.#replace(globalThis, 'noteAwaits', <Value>(place: string, values: AsyncIterable<Value>) =>
      notedEach(place, values, note),
    );
  }

  #replaceTimers(): void {
    const later = (call: Call, delayMs: number, values: unknown[], repeats: boolean) =>
      this.#current?.after(Math.max(1, delayMs || 1), () => call(...values), repeats);
    const clear = (otherwise: (timer: never) => void) => (timer: unknown) => {
      if (this.#current === undefined) otherwise(timer as never);
      else this.#current.cancel(timer);
    };
    // Whoever is no process of ours, such as a test runner, gets what it asks for.
    this.#replace(globalThis, 'setTimeout', (call: Call, delayMs: number, ...values: unknown[]) => {
      return later(call, delayMs, values, false) ?? real.setTimeout(call, delayMs, ...values);
    });
    this.#replace(globalThis, 'setInterval', (call: Call, delayMs: number, ...values: unknown[]) => {
      return later(call, delayMs, values, true) ?? real.setInterval(call, delayMs, ...values);
    });
    this.#replace(globalThis, 'setImmediate', (call: Call, ...values: unknown[]) => {
      return this.#current?.after(0, () => call(...values)) ?? real.setImmediate(call, ...values);
    });
    this.#replace(globalThis, 'clearTimeout', clear(real.clearTimeout));
    this.#replace(globalThis, 'clearInterval', clear(real.clearInterval));
    this.#replace(globalThis, 'clearImmediate', clear(real.clearImmediate));
  }

  /** What is imported by name follows: these are the same functions for every importer. */
  #replaceFiles(): void {
    for (const name of FILE_CALLS) {
      const former = nodeFiles[name] as Call;
      this.#replace(nodeFiles, name, (...values: unknown[]) => {
        const call = (this.#current?.files?.[name] ?? former) as Call;
        return call(...values);
      });
    }
    const lookHere = nodeFileSystem.lstatSync as Call;
    this.#replace(nodeFileSystem, 'lstatSync', (...values: unknown[]) => {
      return ((this.#current?.files?.lstatSync ?? lookHere) as Call)(...values);
    });
    const look = nodeFileSystem.lstat as Call;
    this.#replace(nodeFileSystem, 'lstat', (path: string, callback: Call) => {
      const files = this.#current?.files;
      if (files === undefined) look(path, callback);
      else files.lstat(path).then((stats) => callback(null, stats), callback);
    });
    const former = nodeTimers.setImmediate;
    this.#replace(nodeTimers, 'setImmediate', (value: unknown) => {
      const current = this.#current;
      return current ? new Promise((resolve) => current.after(0, () => resolve(value))) : former(value);
    });
    syncBuiltinESMExports();
  }

  #digest(bytes: Uint8Array): Promise<ArrayBuffer> {
    const owner = this.#current;
    owner?.step();
    const digest = createHash('sha256').update(bytes).digest();
    // Threads finish in any order.
    this.#digests += 1;
    const delayMs = ((this.#digests * 7) % 5) * (DIGEST_MS_MAX / 5);
    return new Promise((resolve) => owner?.after(delayMs, () => resolve(new Uint8Array(digest).buffer)));
  }

  #assertThere(pid: number): boolean {
    if ([...this.#processes].some((process) => process.pid === pid)) return true;
    throw Object.assign(new Error('no such process'), { code: 'ESRCH' });
  }

  #replace<Owner extends object>(owner: Owner, name: keyof Owner & string, value: unknown): void {
    const former = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { configurable: true, writable: true, value });
    this.#restore.push(() => {
      if (former === undefined) delete owner[name];
      else Object.defineProperty(owner, name, former);
    });
  }
}
