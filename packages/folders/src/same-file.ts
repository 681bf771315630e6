/** What tells a file from every other: `Stats` of `node:fs` have it. */
interface FileIdentity {
  readonly ino: number;
  readonly dev: number;
}

/** Whether both are there, and are one file, whatever its names are. */
export function isSameFile(one: FileIdentity | undefined, other: FileIdentity | undefined): boolean {
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}
