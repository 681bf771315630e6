import type { KeyCredential, ParleyClient } from '@parley/client-core';
import type { CommandDefinition } from '../commands/definition.ts';
import type { UnsentLines } from './unsent-lines.ts';
import type { UserInterface } from './user-interface.ts';

/** What the commands of a conversation work with. */
export interface ChatContext {
  readonly client: ParleyClient;
  readonly ui: UserInterface;
  /** What was said and did not get through. */
  readonly unsent: UnsentLines;
  /** The key that this machine has for the server. */
  readonly loginKey: {
    find(): KeyCredential | undefined;
    make(): KeyCredential;
    forget(): void;
  };
  /** The room in front of the user; what is typed goes there. */
  room(): string | undefined;
  /** Puts a room in front of the user. */
  show(room: string): void;
  /** Ends the conversation, with words for the others. */
  leave(reason: string): void;
}

/** A command of a conversation. */
export type ChatCommand = CommandDefinition<ChatContext>;
