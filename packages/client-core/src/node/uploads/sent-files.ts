import type { SentItem } from '../../domain/transfers/sent-item.ts';
import type { RunCommand } from '../account-commands.ts';

/** Files and folders that go from one user to another (CHAT-SEND-1). */
export class SentFiles {
  readonly #run: RunCommand;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  /** What others have sent to this user, and nobody has discarded, the newest first: `download` it by its name. */
  list(): Promise<readonly SentItem[]> {
    return this.#run({ type: 'list-sent' });
  }

  /** Removes what was sent to this user, or by it. */
  discard(name: string): Promise<undefined> {
    return this.#run({ type: 'discard-file', name });
  }
}
