import { ClientError, type ParleyClient } from '@parley/client-core';
import { askNewPassword, askSecret } from './secret.ts';
import type { UserInterface } from './user-interface.ts';

/** How somebody wants to come in. */
export interface Entrance {
  readonly ui: UserInterface;
  /** Asked for when it is missing, refused or taken. */
  readonly nickname: string | undefined;
  /** The password of the account; asked for when it is missing and wanted. */
  readonly password: string | undefined;
  /** A person answers at the other end of `ui`; a script is not asked, it fails. */
  readonly hasPerson: boolean;
}

/** Gets a nickname, unless the user leaves or the connection ends before; gives the refusal that nobody can answer. */
export async function comeIn(client: ParleyClient, entrance: Entrance): Promise<ClientError | undefined> {
  const { ui, hasPerson } = entrance;
  let { nickname, password } = entrance;
  while (client.end === undefined) {
    nickname ??= await ui.readLine({ prompt: 'nickname: ', isRemembered: false });
    if (nickname === undefined) return undefined;
    const name = nickname.trim();
    try {
      if (password === undefined) await client.register(name);
      else await client.login(name, { kind: 'password', password });
      return undefined;
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === 'connection-ended') return undefined;
      if (!hasPerson) return error;
      ui.show({ type: 'error', text: withPatience(error) });
      password = undefined;
      // CHAT-ACCOUNT-1
      if (error.code === 'login-required' || error.code === 'login-failed') {
        password = await askSecret(ui, `password of ${name} (empty for another nickname): `);
      }
      if (error.code === 'account-required' && (await settle(client, ui, name))) return undefined;
      if (password === undefined) nickname = undefined;
    }
  }
  return undefined;
}

/** The server takes users with an account only: asks for the password of one, or makes one. */
// CHAT-ADMISSION-1
async function settle(client: ParleyClient, ui: UserInterface, nickname: string): Promise<boolean> {
  const prompt = 'invite code, or just Enter if this server wants none: ';
  ui.show({
    type: 'notice',
    text: `${nickname} is free: make an account of it, or leave the password empty`,
  });
  try {
    const password = await askNewPassword(ui);
    const invite = (await ui.readLine({ prompt, isRemembered: false }))?.trim() ?? '';
    await client.account.create({ nickname, password, ...(invite === '' ? {} : { invite }) });
    return true;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code !== 'connection-ended') ui.show({ type: 'error', text: withPatience(error) });
    return false;
  }
}

function withPatience({ message, retryAfterMs }: ClientError): string {
  return retryAfterMs === undefined
    ? message
    : `${message} (try again in ${Math.ceil(retryAfterMs / 1000)} s)`;
}
