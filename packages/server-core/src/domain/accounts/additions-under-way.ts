import type { AccountChange } from '../../accounts/account-store.ts';

/** What is counted: one kind of thing of one place, or of one user. */
export type Counted =
  | { readonly type: 'put-role' | 'put-mute' | 'put-ban'; readonly roomKey: string | undefined }
  | { readonly type: 'put-credential'; readonly userId: string }
  | { readonly type: 'put-invite' };

/** How much of what has a limit is being kept: it is not in the book yet, and many may be asked for in the time of one write. */
export class AdditionsUnderWay {
  readonly #counts = new Map<string, number>();

  countOf(counted: Counted): number {
    return this.#counts.get(keyOf(counted)) ?? 0;
  }

  begin(changes: readonly AccountChange[]): void {
    this.#count(changes, 1);
  }

  /** The changes are in the book now, or never will be. */
  end(changes: readonly AccountChange[]): void {
    this.#count(changes, -1);
  }

  #count(changes: readonly AccountChange[], step: 1 | -1): void {
    for (const change of changes) {
      const counted = countedOf(change);
      if (counted === undefined) continue;
      const key = keyOf(counted);
      const count = (this.#counts.get(key) ?? 0) + step;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }
}

function countedOf(change: AccountChange): Counted | undefined {
  const { type } = change;
  switch (type) {
    case 'put-role':
      return { type, roomKey: change.role.roomKey };
    case 'put-mute':
      return { type, roomKey: change.mute.roomKey };
    case 'put-ban':
      return { type, roomKey: change.ban.roomKey };
    case 'put-credential':
      return { type, userId: change.credential.userId };
    case 'put-invite':
      return { type };
    default:
      return undefined;
  }
}

function keyOf(counted: Counted): string {
  if (counted.type === 'put-invite') return counted.type;
  if (counted.type === 'put-credential') return `${counted.type} ${counted.userId}`;
  return `${counted.type} ${counted.roomKey ?? ''}`;
}
