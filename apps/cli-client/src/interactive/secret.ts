import { ClientError } from '@parley/client-core';
import type { UserInterface } from './user-interface.ts';

/** Asks for something that nobody may read over a shoulder, and that no history keeps; undefined when the user wants out. */
export async function askSecret(ui: UserInterface, prompt: string): Promise<string | undefined> {
  const line = await ui.readLine({ prompt, isRemembered: false, isSecret: true });
  return line === undefined || line === '' ? undefined : line;
}

/** Asks for a new password, twice, because nobody sees what they type. */
export async function askNewPassword(ui: UserInterface): Promise<string> {
  const password = await askSecret(ui, 'new password (8 characters or more): ');
  if (password === undefined) throw new ClientError('password-invalid', 'nothing was changed');
  const again = await askSecret(ui, 'the same once more: ');
  if (again === password) return password;
  throw new ClientError('password-invalid', 'the two are not the same; nothing was changed');
}
