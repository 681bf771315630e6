import type { TransferFailureCode } from '@parley/client-core';
import { STAGING_NAME } from '@parley/folders';
import type { Settlement } from '../../chat/program.ts';
import type { ClientProgram } from '../client-program.ts';
import type { Machine } from '../machine.ts';
import type { Sources } from '../sources.ts';
import type { Errand } from './errand.ts';

/** Of each file in the list of a folder, and around its bytes. */
const OVERHEAD_BYTES_MAX = 200;

/** Wants a folder of the server with all that is in it. */
export class GetFolder implements Errand {
  readonly direction = 'download';
  readonly title: string;
  readonly sourceName: string;
  readonly targetPath: string;
  readonly sources: Sources;
  readonly #machine: Machine;

  constructor(
    machine: Machine,
    folder: {
      readonly name: string;
      readonly targetPath: string;
      readonly sources: Sources;
      /** What it is called where it comes from; as here unless given. */
      readonly sourceName?: string;
    },
  ) {
    this.#machine = machine;
    this.title = `${folder.name}/`;
    this.sourceName = folder.sourceName ?? folder.name;
    this.targetPath = folder.targetPath;
    this.sources = folder.sources;
  }

  get bytesMax(): number {
    const names = this.sources.namesIn(this.sourceName);
    return names.reduce((sum, name) => sum + this.sources.largestOf(name) + OVERHEAD_BYTES_MAX, 0);
  }

  get fileBytesMax(): number {
    return Math.max(0, ...this.sources.namesIn(this.sourceName).map((name) => this.sources.largestOf(name)));
  }

  /** A folder that is there is completed. */
  get isFulfilled(): boolean {
    return false;
  }

  ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void {
    const { title: name, targetPath } = this;
    program.command({ type: 'download', name, targetPath }, onSettled);
  }

  isEndedBy(_code: TransferFailureCode | undefined): boolean {
    return false;
  }

  /** Who shares the machine with somebody may find the other one at it. */
  mayFailInCalm(code: TransferFailureCode | undefined): boolean {
    return this.#machine.isShared && code === 'target-busy';
  }

  troubleAfterDone(): string | undefined {
    const paths = this.sources.namesIn(this.sourceName).map((name) => this.#pathOf(name));
    const missing = paths.filter((path) => this.#machine.disk.find(path) === undefined);
    return missing.length > 0 ? `${missing.join(' ')} is not there` : undefined;
  }

  /** Where the disk has failed they may not have been removed. */
  leftovers(): readonly string[] {
    const { disk, faults } = this.#machine;
    const path = `${this.targetPath}/${STAGING_NAME}`;
    return faults.count === 0 && disk.isFolder(path) ? [path] : [];
  }

  /** The file at the server whose place here that is. */
  sourceOf(path: string): string | undefined {
    return this.sources.namesIn(this.sourceName).find((name) => this.#pathOf(name) === path);
  }

  #pathOf(name: string): string {
    return this.targetPath + name.slice(this.sourceName.length);
  }
}
