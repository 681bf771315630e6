import type { Violations } from '../../checkers/violations.ts';
import type { Disk, DiskWatcher, Inode } from '../disk/disk.ts';
import type { Version } from '../sources.ts';

/** What is told of a final name. */
export interface Target {
  /** What the file is called where it comes from, and what it has been there. */
  readonly source: string;
  readonly versions: readonly Version[];
  /** When it was asked for last; what was over by then is no answer. */
  readonly askedAtMs: number;
}

/** Watches the disk of a user: what has a final name is, at every moment, one version of the file that was asked for, whole. */
export class TargetChecker implements DiskWatcher {
  readonly #violations: Violations;
  readonly #disk: Disk;
  readonly #targetOf: (path: string) => Target | undefined;

  constructor(
    violations: Violations,
    options: {
      readonly disk: Disk;
      /** What a path is the final name of. */
      readonly targetOf: (path: string) => Target | undefined;
    },
  ) {
    this.#violations = violations;
    this.#disk = options.disk;
    this.#targetOf = options.targetOf;
  }

  onNamed(path: string): void {
    const target = this.#targetOf(path);
    if (target !== undefined && this.#disk.find(path) !== undefined) this.#check(path, target);
  }

  onChanged(inode: Inode): void {
    for (const path of this.#disk.pathsOf(inode)) {
      if (this.#targetOf(path) === undefined) continue;
      this.#violations.add('right bytes', `${path} was written to after it had its name`);
    }
  }

  #check(path: string, { source, versions, askedAtMs }: Target): void {
    const bytes = this.#disk.bytesOf(path) as Buffer;
    const version = versions.findLast((one) => bytes.equals(one.bytes));
    this.#violations.require(version !== undefined, 'right bytes', () => {
      return `${path} has ${bytes.byteLength} bytes that ${source} never had`;
    });
    const isRecent = version === undefined || version.untilMs >= askedAtMs;
    this.#violations.require(isRecent, 'right version', () => {
      return `${path} is what ${source} was before it was asked for at ${askedAtMs} ms`;
    });
  }
}
