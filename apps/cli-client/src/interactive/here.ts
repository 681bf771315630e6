import { ClientError } from '@parley/client-core';

/** The room in front of the user, for a command that needs one. */
export function here(room: string | undefined): string {
  if (room === undefined) throw new ClientError('not-in-room', 'you are in no room; /join ROOM');
  return room;
}
