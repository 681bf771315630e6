import { type VirtualClient, VirtualServer } from './virtual-server.ts';

export const HOUR_MS = 3_600_000;
/** The room in which everybody of `openRoom` is. */
export const ROOM = 'den';

/** A boss who operates the server, Ann who owns a room, Bob with an account, and a guest. All are in the room. */
export function openRoom(options: ConstructorParameters<typeof VirtualServer>[0] = {}) {
  const server = new VirtualServer({ operatorCode: 'c0de', ...options });
  const boss = server.owner('boss', { invite: 'c0de' });
  const ann = server.owner('ann', { address: '192.0.2.1' });
  const bob = server.owner('bob', { address: '192.0.2.2' });
  const guest = server.guest('guest', '192.0.2.3');
  ann.createRoom(ROOM);
  for (const client of [boss, bob, guest]) client.joinRoom(ROOM);
  for (const client of [boss, ann, bob, guest]) client.take();
  return { server, boss, ann, bob, guest };
}

/** Another connection of somebody who has an account. */
export function loginFrom(server: VirtualServer, nickname: string, address?: string): VirtualClient {
  const client = server.observer(address);
  client.login(nickname);
  return client;
}
