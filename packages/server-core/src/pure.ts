/** The parts without sockets, for whoever drives them in virtual time. Inside this repository only: not published. */
export type { AccountChange } from './accounts/account-store.ts';
export { ChatServer } from './domain/chat-server.ts';
export type { Effect } from './domain/effects.ts';
export type { ConnectionId, ServerEvent } from './domain/events.ts';
export { newLobby } from './domain/rooms/room-registry.ts';
export { MemoryLog } from './history/memory-log.ts';
