import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what the user decided is kept: profiles, known servers. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  return folder(env.XDG_CONFIG_HOME, env, '.config');
}

/** Where what happens to be so is kept: drafts, what was typed. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return folder(env.XDG_STATE_HOME, env, join('.local', 'state'));
}

function folder(xdg: string | undefined, { APPDATA: appData }: NodeJS.ProcessEnv, usual: string): string {
  const windows = process.platform === 'win32' ? appData : undefined;
  // The specification of XDG says that a relative path there is to be ignored.
  const base = xdg?.startsWith('/') ? xdg : (windows ?? join(homedir(), usual));
  return join(base, 'parley');
}
