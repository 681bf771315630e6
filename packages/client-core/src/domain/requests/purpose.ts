import type {
  BanEntry,
  ClientMessageId,
  FileEntry,
  FileOrder,
  MessageText,
  Nickname,
  RoomEntry,
  ServerMessage,
  UserEntry,
} from '@parley/protocol';
import { PASSWORD_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { Credential, KeyCredential } from '../session/credential.ts';
import type { AnyOffer } from '../transfers/transfer.ts';

/** What a request was made for, and so what its answer means. */
export type Purpose =
  /** Without a command: after a reconnect. */
  | {
      readonly kind: 'register';
      readonly commandId: number | undefined;
      readonly credential: Credential | undefined;
    }
  /** The answer is to be signed. */
  | {
      readonly kind: 'challenge';
      readonly commandId: number | undefined;
      readonly nickname: Nickname;
      readonly credential: KeyCredential;
    }
  | { readonly kind: 'token' | 'credentials'; readonly commandId: number }
  /** The answer is `done`, and with the credential one comes back from then on. */
  | { readonly kind: 'credential'; readonly commandId: number; readonly credential: Credential }
  /** The answer is `done`; `room` is the room that was entered, or left. */
  | { readonly kind: 'enter'; readonly commandId: number | undefined; readonly room: string }
  | { readonly kind: 'leave-room'; readonly commandId: number; readonly room: string }
  | {
      readonly kind: 'open-direct';
      readonly nickname: Nickname;
      /** What is to be said there, in this order. */
      readonly messages: { readonly commandId: number; readonly text: MessageText }[];
      /** Who only wanted it open. */
      readonly openers: number[];
    }
  | { readonly kind: 'done'; readonly commandId: number }
  | { readonly kind: 'rooms'; readonly commandId: number; readonly collected: readonly RoomEntry[] }
  | { readonly kind: 'roles' | 'invite-code' | 'audit'; readonly commandId: number }
  | {
      readonly kind: 'bans';
      readonly commandId: number;
      readonly room: string | undefined;
      readonly collected: readonly BanEntry[];
    }
  | { readonly kind: 'catch-up'; readonly room: string }
  | { readonly kind: 'history'; readonly commandId: number }
  | { readonly kind: 'search'; readonly commandId: number }
  | { readonly kind: 'sent'; readonly commandId: number }
  /** A change of what was said, which is not repeated by itself. */
  | { readonly kind: 'entry'; readonly commandId: number }
  | { readonly kind: 'message'; readonly commandId: number; readonly clientMessageId: ClientMessageId }
  | {
      readonly kind: 'users';
      /** Undefined when the client asked for itself. */
      readonly commandId: number | undefined;
      readonly room: string;
      readonly collected: readonly UserEntry[];
    }
  | {
      readonly kind: 'files';
      readonly commandId: number;
      readonly pattern: string;
      readonly order: FileOrder;
      readonly countMax: number;
      readonly collected: readonly FileEntry[];
    }
  | { readonly kind: 'offer'; readonly number: number }
  /** The end of a transfer that nobody here wants any more; its answer changes nothing. */
  | { readonly kind: 'decline' };

/** A message of the server that answers a request. */
export type Answer = Extract<ServerMessage, { readonly requestId: number }>;

/** Whether a message answers a request (CHAT-REQUEST-1). */
export function isAnswer(message: ServerMessage): message is Answer {
  return 'requestId' in message;
}

/** The commands that wait for the request. */
export function commandsOf(purpose: Purpose): readonly number[] {
  if (purpose.kind === 'open-direct') {
    return [...purpose.openers, ...purpose.messages.map(({ commandId }) => commandId)];
  }
  return 'commandId' in purpose && purpose.commandId !== undefined ? [purpose.commandId] : [];
}

/** Whether an answer is the way to bytes, or for them. */
export function isOffer(answer: Answer): answer is AnyOffer {
  return ['transfer-offer', 'folder-offer', 'upload-offer'].includes(answer.type);
}

/** How long the answer may take. A password has to be hashed by the server. */
export function timeoutMsOf(purpose: Purpose): number {
  const hasPassword = 'credential' in purpose && purpose.credential?.kind === 'password';
  return hasPassword ? PASSWORD_TIMEOUT_MS : REQUEST_TIMEOUT_MS;
}
