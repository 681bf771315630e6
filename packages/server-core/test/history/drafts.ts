import { createHash } from 'node:crypto';
import type { ClientMessageId, EntryKind, MessageText, Nickname, RoomName } from '@parley/protocol';
import type {
  NewEntry,
  NewRoom,
  SearchQuery,
  StoreOperation,
  UserId,
} from '../../src/history/history-store.ts';

/** Wall-clock time at which the histories of tests begin. */
export const BEGIN = 1_700_000_000_000;

/** The user id of somebody. */
export function userIdOf(name: string): UserId {
  return Buffer.from(name).toString('hex').padEnd(32, '0') as UserId;
}

/** The operation that makes a room. */
export function createRoom(key: string, more: Partial<NewRoom> = {}): StoreOperation {
  const room = {
    name: key as RoomName,
    key,
    kind: 'public',
    users: [],
    topic: '',
    epoch: 7,
    createdAt: BEGIN,
  } as const;
  return { type: 'create-room', room: { ...room, ...more } };
}

/** What an entry of a test says of itself; the rest is made up. */
export interface EntryDraft {
  readonly room?: string;
  readonly user?: string;
  readonly from?: string;
  readonly kind?: EntryKind;
  readonly target?: number;
  readonly text?: string | undefined;
  readonly id?: string;
  readonly time?: number;
}

let drafted = 0;

/** The operation that appends an entry; `id` is another one each time unless given. */
export function append(draft: EntryDraft): StoreOperation {
  drafted += 1;
  const { room = 'lobby', user = 'ann', from = user, kind = 'text', target = 0, time = BEGIN } = draft;
  const entry: NewEntry = {
    roomKey: room,
    userId: userIdOf(user),
    from: from as Nickname,
    kind,
    target,
    text: draft.text as MessageText | undefined,
    clientMessageId: messageId(draft.id ?? `drafted ${drafted}`),
    time,
  };
  return { type: 'append', entry };
}

/** A search in the lobby for whatever is given. */
export function searchFor(more: Partial<SearchQuery>): SearchQuery {
  const nothing = { words: [], from: undefined, after: undefined, before: undefined, hasFile: false };
  return { ...nothing, roomKeys: ['lobby'], offset: 0, limit: 50, ...more };
}

function messageId(seed: string): ClientMessageId {
  return new Uint8Array(createHash('sha256').update(seed).digest().subarray(0, 16)) as ClientMessageId;
}
