import type { NewRoom } from '../../history/history-store.ts';
import type { EffectList } from '../effect-list.ts';
import type { ServerState } from '../server-state.ts';
import type { Room } from './room.ts';

/** What came of it: a room, its own or somebody else's of that name, or words about why there is none. */
export type RoomOutcome =
  | { readonly type: 'made' | 'exists'; readonly room: Room }
  | { readonly type: 'failed'; readonly problem: string };

/** Writes a new room, which is there when it is durable, and counts from now on: many may be asked for in the time of one write. */
export function makeRoom(
  { rooms, writer }: ServerState,
  room: NewRoom,
  then: (outcome: RoomOutcome, effects: EffectList, now: number) => void,
): void {
  rooms.begin(room);
  writer.enqueue({ type: 'create-room', room }, (result, effects, now) => {
    rooms.end(room);
    if (result.type === 'room-created') rooms.add({ ...room, firstSequence: 1, lastSequence: 0 });
    const found = rooms.byKey(room.key);
    const problem = result.type === 'failed' ? result.message : 'try again';
    if (found === undefined) then({ type: 'failed', problem }, effects, now);
    else then({ type: result.type === 'room-created' ? 'made' : 'exists', room: found }, effects, now);
  });
}
