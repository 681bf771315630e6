import { ClientError, type Credential, type KeyCredential, type ParleyClient } from '@parley/client-core';
import { askNewPassword, askSecret } from './secret.ts';
import type { UserInterface } from './user-interface.ts';

/** How somebody wants to come in. */
export interface Entrance {
  readonly ui: UserInterface;
  /** Asked for when it is missing, refused or taken. */
  readonly nickname: string | undefined;
  /** Shows whose account it is; asked for when it is missing and wanted. */
  readonly credential: Credential | undefined;
  /** The key that this machine has for the server, if it has one. */
  readonly findKey: () => KeyCredential | undefined;
  /** A person answers at the other end of `ui`; a script is not asked, it fails. */
  readonly hasPerson: boolean;
}

/** Gets a nickname, unless the user leaves or the connection ends before; gives the refusal that nobody can answer. */
export async function comeIn(client: ParleyClient, entrance: Entrance): Promise<ClientError | undefined> {
  const { ui, hasPerson, findKey } = entrance;
  let { nickname, credential } = entrance;
  while (client.end === undefined) {
    nickname ??= await ui.readLine({ prompt: 'nickname: ', isRemembered: false });
    if (nickname === undefined) return undefined;
    const name = nickname.trim();
    try {
      await enter(client, name, credential, findKey);
      return undefined;
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === 'connection-ended') return undefined;
      if (!hasPerson) return error;
      ui.show({ type: 'error', text: withPatience(error) });
      credential = undefined;
      // CHAT-ACCOUNT-1
      if (error.code === 'login-required' || error.code === 'login-failed') {
        const password = await askSecret(ui, `password of ${name} (empty for another nickname): `);
        if (password !== undefined) credential = { kind: 'password', password };
      }
      if (error.code === 'account-required' && (await settle(client, ui, name))) return undefined;
      if (credential === undefined) nickname = undefined;
    }
  }
  return undefined;
}

/** With what there is: what was given, else as a guest, else with the key of this machine. */
// CHAT-KEY-1
export async function enter(
  client: ParleyClient,
  nickname: string,
  credential: Credential | undefined,
  findKey: () => KeyCredential | undefined,
): Promise<void> {
  if (credential !== undefined) {
    await client.login(nickname, credential);
    return;
  }
  try {
    await client.register(nickname);
  } catch (error) {
    const key = error instanceof ClientError && error.code === 'login-required' ? findKey() : undefined;
    if (key === undefined) throw error;
    await client.login(nickname, key);
  }
}

/** The server takes users with an account only: makes one. */
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

/** A refusal in words, with the time after which it makes sense to try again. */
export function withPatience({ message, retryAfterMs }: ClientError): string {
  return retryAfterMs === undefined
    ? message
    : `${message} (try again in ${Math.ceil(retryAfterMs / 1000)} s)`;
}
