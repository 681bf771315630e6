import type { ClientMessageId, FileEntry, ServerMessage, UserEntry } from '@parley/protocol';

/** What a request was made for, and so what its answer means. */
export type Purpose =
  | { readonly kind: 'register'; readonly commandId: number }
  | { readonly kind: 'message'; readonly commandId: number; readonly clientMessageId: ClientMessageId }
  | {
      readonly kind: 'users';
      /** Undefined when the client asked for itself. */
      readonly commandId: number | undefined;
      readonly collected: readonly UserEntry[];
    }
  | { readonly kind: 'files'; readonly commandId: number; readonly collected: readonly FileEntry[] }
  | { readonly kind: 'offer'; readonly number: number }
  /** The end of a transfer that nobody here wants any more; its answer changes nothing. */
  | { readonly kind: 'decline' };

/** A message of the server that answers a request. */
export type Answer = Extract<ServerMessage, { readonly requestId: number }>;

/** Whether a message answers a request (CHAT-REQUEST-1). */
export function isAnswer(message: ServerMessage): message is Answer {
  return 'requestId' in message;
}

/** The command that waits for the request, if one does. */
export function commandOf(purpose: Purpose): number | undefined {
  return 'commandId' in purpose ? purpose.commandId : undefined;
}
