import { formatSentOutcome, type SentOutcome } from '@parley/protocol';
import { ClientError } from '../../domain/errors.ts';
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

  /** Removes what was sent to this user, or by it; nobody is told. */
  discard(name: string): Promise<undefined> {
    return this.#run({ type: 'discard-file', name });
  }

  /** Removes what was sent to this user, and tells its sender, here or away, whether it was accepted or declined. */
  // CHAT-SEND-3, CHAT-SEND-5
  async close(
    { name, from }: Pick<SentItem, 'name' | 'from'>,
    outcome: SentOutcome['outcome'],
  ): Promise<void> {
    await this.discard(name);
    const text = formatSentOutcome({ path: name, outcome });
    await this.#run({ type: 'direct', nickname: from, text }).catch((error: unknown) => {
      // Nobody of that name is left who could be told.
      if (!(error instanceof ClientError)) throw error;
    });
  }
}
