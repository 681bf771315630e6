import { constants } from 'node:fs';
import type { DiskFaults } from './disk-faults.ts';
import { systemError } from './system-error.ts';

/** The folder in whose place others stand at times. */
export interface TroubledFolder {
  readonly path: string;
  readonly faults: DiskFaults;
}

/** Where that leads while the disk of the folder is not mounted. */
export const PLACE_BELOW = '/below';
const NOWHERE = '/nowhere';

/** Calls with a path, or two, and whether they change names. */
const CALLS: { readonly [Name in string]: { readonly paths: 1 | 2; readonly changes: boolean } } = {
  openSync: { paths: 1, changes: false },
  lstatSync: { paths: 1, changes: false },
  statSync: { paths: 1, changes: false },
  readdirSync: { paths: 1, changes: false },
  mkdirSync: { paths: 1, changes: true },
  rmSync: { paths: 1, changes: true },
  rmdirSync: { paths: 1, changes: true },
  chmodSync: { paths: 1, changes: true },
  utimesSync: { paths: 1, changes: true },
  linkSync: { paths: 2, changes: true },
  renameSync: { paths: 2, changes: true },
  unlinkSync: { paths: 1, changes: true },
};

/** The same functions of `node:fs`, whose paths lead where they lead at the moment. */
export function placed<Functions extends object>(functions: Functions, folder: TroubledFolder): Functions {
  const result = { ...functions } as Record<string, (...values: unknown[]) => unknown>;
  for (const [name, { paths, changes }] of Object.entries(CALLS)) {
    const call = result[name] as (...values: unknown[]) => unknown;
    result[name] = (...values) => {
      const isChange = changes || (name === 'openSync' && isMaking(values[1]));
      return call(
        ...values.map((value, index) => (index < paths ? lead(`${value}`, folder, isChange) : value)),
      );
    };
  }
  result.realpathSync = (path) => {
    result.statSync?.(path);
    return path;
  };
  return result as Functions;
}

function isMaking(flags: unknown): boolean {
  return typeof flags === 'number' ? (flags & constants.O_CREAT) !== 0 : flags === 'wx' || flags === 'a';
}

/** Where the path of a place was meant to lead. */
export function meant(place: string, { path }: Pick<TroubledFolder, 'path'>): string {
  for (const other of [PLACE_BELOW, NOWHERE]) {
    if (place === other || place.startsWith(`${other}/`)) return path + place.slice(other.length);
  }
  return place;
}

function lead(given: string, { path, faults }: TroubledFolder, changes: boolean): string {
  const trouble = faults.folderTrouble;
  if (trouble === undefined || (given !== path && !given.startsWith(`${path}/`))) return given;
  faults.noteFolderTrouble();
  if (trouble === 'read-only') {
    if (changes) throw systemError('EACCES', given);
    return given;
  }
  return (trouble === 'missing' ? NOWHERE : PLACE_BELOW) + given.slice(path.length);
}
