import { newLobby } from '../../domain/rooms/room-registry.ts';
import type { HistoryStore, StoredRoom } from '../../history/history-store.ts';

/** The rooms of a store, the lobby among them. */
export async function openRooms(store: HistoryStore, epoch: number): Promise<readonly StoredRoom[]> {
  const rooms = await store.open();
  const lobby = newLobby(epoch, Date.now());
  if (rooms.some(({ key }) => key === lobby.key)) return rooms;
  await store.write([{ type: 'create-room', room: lobby }]);
  return store.open();
}
