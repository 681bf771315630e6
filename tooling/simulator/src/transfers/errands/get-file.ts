import type { TransferFailureCode } from '@parley/client-core';
import { partPathsFor } from '@parley/client-core/parts';
import type { Settlement } from '../../chat/program.ts';
import type { ClientProgram } from '../client-program.ts';
import type { Machine } from '../machine.ts';
import type { Sources } from '../sources.ts';
import type { Errand } from './errand.ts';

/** Wants a file of the server. */
export class GetFile implements Errand {
  readonly direction = 'download';
  /** What the server calls it. */
  readonly name: string;
  readonly targetPath: string;
  /** Where it comes from, and what it is called there. */
  readonly sources: Sources;
  readonly sourceName: string;
  readonly #machine: Machine;

  constructor(
    machine: Machine,
    file: Pick<GetFile, 'name' | 'targetPath' | 'sources'> & { readonly sourceName?: string },
  ) {
    this.#machine = machine;
    this.name = file.name;
    this.targetPath = file.targetPath;
    this.sources = file.sources;
    this.sourceName = file.sourceName ?? file.name;
  }

  get title(): string {
    return this.name;
  }

  get bytesMax(): number {
    return this.sources.largestOf(this.sourceName);
  }

  get isFulfilled(): boolean {
    return this.#machine.disk.find(this.targetPath) !== undefined;
  }

  ask(program: ClientProgram, onSettled: (settlement: Settlement) => void): void {
    const { name, targetPath } = this;
    program.command({ type: 'download', name, targetPath }, onSettled);
  }

  /** It is shared no more; who shares the machine may have found the other one asking for it at that moment. */
  isEndedBy(code: TransferFailureCode | undefined): boolean {
    const isOthers = this.#machine.isShared && code === 'target-busy';
    return (code === 'file-not-found' || isOthers) && !this.sources.isThere(this.sourceName);
  }

  /** Who shares the machine with somebody may find the other one at it. */
  mayFailInCalm(code: TransferFailureCode | undefined): boolean {
    const isOthers = this.#machine.isShared && (code === 'target-busy' || code === 'target-exists');
    return isOthers || this.isEndedBy(code);
  }

  troubleAfterDone(): string | undefined {
    return this.isFulfilled ? undefined : `${this.targetPath} is not there`;
  }

  /** Where the disk has failed they may not have been removed. */
  leftovers(): readonly string[] {
    const { disk, faults } = this.#machine;
    if (faults.count > 0) return [];
    return Object.values(partPathsFor(this.targetPath)).filter((path) => disk.find(path) !== undefined);
  }
}
