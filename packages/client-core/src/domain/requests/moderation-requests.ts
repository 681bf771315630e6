import {
  BANS_PER_PAGE_MAX,
  type BanEntry,
  parseNickname,
  parseRoomName,
  REASON_BYTES_MAX,
  type ServerMessageOf,
  TARGET_BYTES_MAX,
  utf8ByteLength,
} from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import { ClientError } from '../errors.ts';
import type { ClientCommand } from '../events.ts';
import { AUDIT_ENTRIES_READ, BANS_LISTED_MAX } from '../limits.ts';
import type { RoomList } from '../rooms/room.ts';
import type { Answer, Purpose } from './purpose.ts';
import { checked } from './room-requests.ts';

/** What the requests about roles and moderation work with. */
export interface ModerationRequestsParts {
  readonly sink: EffectSink;
  readonly rooms: RoomList;
  /** Gives a request its number. */
  readonly add: (purpose: Purpose, now: number) => number;
}

/** The commands that this part carries out. */
export type ModerationCommand = Extract<
  ClientCommand,
  {
    readonly type:
      | 'moderate'
      | 'set-role'
      | 'configure-room'
      | 'invite-user'
      | 'list-roles'
      | 'list-bans'
      | 'create-invite'
      | 'set-emergency'
      | 'read-audit';
  }
>;

type BansPurpose = Extract<Purpose, { readonly kind: 'bans' }>;

/** Requests about who may do what, and what their answers mean. */
export class ModerationRequests {
  readonly #parts: ModerationRequestsParts;

  constructor(parts: ModerationRequestsParts) {
    this.#parts = parts;
  }

  carryOut(commandId: number, command: ModerationCommand, now: number): void {
    const { sink, add } = this.#parts;
    const done = () => add({ kind: 'done', commandId }, now);
    switch (command.type) {
      case 'moderate': {
        const { action, target, durationMs } = command;
        const room = roomOf(command);
        const reason = fitting(command.reason, REASON_BYTES_MAX, 'a reason');
        const whom = fitting(target, TARGET_BYTES_MAX, 'a nickname or network');
        sink.send({ type: 'moderate', requestId: done(), action, room, target: whom, durationMs, reason });
        break;
      }
      case 'set-role': {
        const nickname = checked(parseNickname(command.nickname), 'nickname-invalid');
        const room = roomOf(command);
        sink.send({ type: 'set-role', requestId: done(), room, nickname, role: command.role });
        break;
      }
      case 'configure-room': {
        const { entry, slowModeMs } = command;
        const room = checked(parseRoomName(command.room), 'room-name-invalid');
        sink.send({ type: 'configure-room', requestId: done(), room, entry, slowModeMs });
        break;
      }
      case 'invite-user': {
        const nickname = checked(parseNickname(command.nickname), 'nickname-invalid');
        const room = checked(parseRoomName(command.room), 'room-name-invalid');
        sink.send({ type: 'invite-user', requestId: done(), room, nickname });
        break;
      }
      case 'list-roles': {
        const room = roomOf(command);
        sink.send({ type: 'list-roles', requestId: add({ kind: 'roles', commandId }, now), room });
        break;
      }
      case 'list-bans':
        this.#askBans({ kind: 'bans', commandId, room: roomOf(command), collected: [] }, undefined, now);
        break;
      case 'create-invite':
        sink.send({ type: 'create-invite', requestId: add({ kind: 'invite-code', commandId }, now) });
        break;
      case 'set-emergency':
        sink.send({ type: 'set-emergency', requestId: done(), level: command.level });
        break;
      case 'read-audit': {
        const { cursor } = command;
        const room = roomOf(command);
        const requestId = add({ kind: 'audit', commandId }, now);
        sink.send({ type: 'read-audit', requestId, room, cursor, limit: AUDIT_ENTRIES_READ });
        break;
      }
      default:
        command satisfies never;
    }
  }

  /** Takes over an answer; false when it does not fit the request, undefined when the request is not of this part. */
  handleAnswer(purpose: Purpose, answer: Answer, now: number): boolean | undefined {
    const { sink } = this.#parts;
    switch (purpose.kind) {
      case 'roles': {
        if (answer.type !== 'roles') return false;
        const { entry, slowModeMs, roles } = answer;
        sink.succeed(purpose.commandId, { entry, slowModeMs, roles });
        return true;
      }
      case 'bans':
        return answer.type === 'bans' && this.#bansPage(purpose, answer, now);
      case 'audit': {
        if (answer.type !== 'audit') return false;
        sink.succeed(purpose.commandId, { entries: answer.entries, nextCursor: answer.nextCursor });
        return true;
      }
      case 'invite-code': {
        if (answer.type !== 'invite-code') return false;
        sink.succeed(purpose.commandId, { code: answer.code, expiresAt: answer.expiresAt });
        return true;
      }
      default:
        return undefined;
    }
  }

  /** Tells what somebody in charge did to this user. */
  // CHAT-MODERATE-2, CHAT-MODERATE-3, CHAT-ENTRY-1
  handleNotice(message: ServerMessageOf<'removed' | 'muted' | 'invited'>): void {
    const { sink, rooms } = this.#parts;
    switch (message.type) {
      case 'removed': {
        const { room, by, reason, until } = message;
        sink.notify({ type: 'removed', room, by, reason, isBanned: message.isBanned !== 0, until });
        const known = rooms.find(room);
        if (known) rooms.leave(known);
        break;
      }
      case 'muted': {
        const { room, by, reason, until } = message;
        sink.notify({ type: 'muted', room, by, reason, isMuted: message.isMuted !== 0, until });
        break;
      }
      case 'invited':
        sink.notify(message);
        break;
      default:
        message satisfies never;
    }
  }

  #askBans(purpose: BansPurpose, cursor: string | undefined, now: number): void {
    const { sink, add } = this.#parts;
    const { room } = purpose;
    const requestId = add(purpose, now);
    sink.send({ type: 'list-bans', requestId, room, cursor, limit: BANS_PER_PAGE_MAX });
  }

  // CHAT-LIST-6
  #bansPage(purpose: BansPurpose, page: ServerMessageOf<'bans'>, now: number): boolean {
    const collected: readonly BanEntry[] = [...purpose.collected, ...page.bans];
    const isEnd = page.nextCursor === undefined || page.bans.length === 0;
    if (isEnd || collected.length >= BANS_LISTED_MAX) this.#parts.sink.succeed(purpose.commandId, collected);
    else this.#askBans({ ...purpose, collected }, page.nextCursor, now);
    return true;
  }
}

function roomOf({ room }: { readonly room: string | undefined }): string | undefined {
  return room === undefined ? undefined : checked(parseRoomName(room), 'room-name-invalid');
}

/** What is too long would be a breach of the protocol, not a refusal. */
function fitting(text: string, bytesMax: number, what: string): string {
  if (utf8ByteLength(text) <= bytesMax) return text;
  throw new ClientError('text-invalid', `${what} has at most ${bytesMax} bytes`);
}
