import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../address.ts';
import { writeWhole } from './write-file.ts';

/** What the user said at their first start, so that they are not asked again. */
export interface Profile {
  /** `HOST:PORT` */
  readonly server: string;
  readonly nick: string;
  /** The room to begin in; the server's first one unless given. */
  readonly room?: string;
}

/** A profile that cannot be used. The message says where it is and what to do. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
  readonly code = 'profile-unusable';
}

/** The profile of those who do not name one. */
export const DEFAULT_PROFILE = 'default';

/** Profiles, each a small file of JSON that people may edit. */
export class Profiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where a profile is. Throws `ProfileError` for a name that is none. */
  fileOf(name: string): string {
    if (!/^[\w-]{1,64}$/.test(name)) {
      throw new ProfileError(`a profile's name has letters, digits, - and _ only, not "${name}"`);
    }
    return join(this.#folder, `${name}.json`);
  }

  /** A profile; `undefined` when there is none of that name. Throws `ProfileError` for a damaged one. */
  read(name: string): Profile | undefined {
    const file = this.fileOf(name);
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new ProfileError(`the profile cannot be read (${code}): ${file}`, { cause: error });
    }
    const profile = parseProfile(text);
    if (profile !== undefined) return profile;
    throw new ProfileError(
      `${file} is no profile such as {"server": "chat.example:8255", "nick": "ann"}: correct or delete it`,
    );
  }

  /** Keeps a profile; gives the problem in words when that is not possible. */
  write(name: string, profile: Profile): string | undefined {
    const file = this.fileOf(name);
    try {
      writeWhole(file, `${JSON.stringify(profile, undefined, 2)}\n`);
      return undefined;
    } catch (error) {
      return `the profile cannot be kept (${(error as NodeJS.ErrnoException).code}): ${file}`;
    }
  }
}

function parseProfile(text: string): Profile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { server, nick, room } = value as Readonly<Record<string, unknown>>;
  if (typeof server !== 'string' || parseAddress(server) === undefined || typeof nick !== 'string') {
    return undefined;
  }
  if (room !== undefined && typeof room !== 'string') return undefined;
  return { server, nick, ...(room !== undefined && { room }) };
}
