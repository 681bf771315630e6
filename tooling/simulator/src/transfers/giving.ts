import type { Inbox } from './checkers/inbox.ts';
import type { Errand } from './errands/errand.ts';
import { PutFile } from './errands/put-file.ts';
import { PutFolder } from './errands/put-folder.ts';
import { SendFile } from './errands/send-file.ts';
import { SendFolder } from './errands/send-folder.ts';
import type { PlannedGift, PlannedPut, TransferPlan } from './plan/plan.ts';
import type { Sources } from './sources.ts';
import type { User } from './user.ts';

/** What users put into the shared folder, and send to each other, in one plan. */
export class Giving {
  readonly #plan: Pick<TransferPlan, 'puts' | 'gifts'>;
  /** In the order of the plan; made after this. */
  readonly #users: () => readonly User[];

  constructor(plan: Pick<TransferPlan, 'puts' | 'gifts'>, users: () => readonly User[]) {
    this.#plan = plan;
    this.#users = users;
  }

  /** Makes what is given on the disks of those who have it; `wantLater` has them give it. */
  begin(inbox: Inbox, wantLater: (user: User, errand: Errand, atMs: number) => void): void {
    for (const [index, user] of this.#users().entries()) {
      for (const [file, put] of (this.#plan.puts[index] ?? []).entries())
        wantLater(user, this.#errandOfPut(inbox, user, putNameOf(index, file), put), put.atMs);
    }
    for (const gift of this.#plan.gifts) {
      const user = this.#users()[gift.user];
      if (user !== undefined) wantLater(user, this.#errandOfGift(inbox, user, gift), gift.atMs);
    }
  }

  /** Where what has that name comes from; undefined for what is the server's own. */
  sourcesOf(name: string): Sources | undefined {
    const [, index] = putPattern.exec(name) ?? [];
    return this.#users()[Number(index ?? giftOf(name))]?.sources;
  }

  /** Whether a room is to hear of what has that name. */
  isTold(name: string): boolean {
    const put = this.#putOf(name);
    return put?.to !== undefined || put?.isTold === true || giftOf(name) !== undefined;
  }

  /** Who gets what was sent under that name, and whether they want it. */
  recipientOf(name: string): { readonly user: User | undefined; readonly isAccepted: boolean } | undefined {
    const gift = this.#plan.gifts.find((one) => one.user === giftOf(name));
    const { to, isAccepted = false } = gift ?? this.#putOf(name) ?? {};
    return to === undefined ? undefined : { user: this.#users()[to], isAccepted };
  }

  #putOf(name: string): PlannedPut | undefined {
    const [, index, file] = putPattern.exec(name) ?? [];
    return this.#plan.puts[Number(index)]?.[Number(file)];
  }

  #errandOfPut(inbox: Inbox, { sources }: User, name: string, { size, to, isTold }: PlannedPut): Errand {
    sources.add(name, size);
    const recipient = to === undefined ? undefined : this.#users()[to]?.name;
    return recipient === undefined
      ? new PutFile(inbox, { name, sources, isTold })
      : new SendFile(inbox, { name, sources, recipient });
  }

  #errandOfGift(inbox: Inbox, { sources }: User, { user: index, files, to }: PlannedGift): Errand {
    const name = `gift${index}`;
    sources.addTree(name, files);
    const recipient = to === undefined ? undefined : this.#users()[to]?.name;
    return recipient === undefined
      ? new PutFolder(inbox, { name, sources })
      : new SendFolder(inbox, { name, sources, recipient });
  }
}

/** Whose folder has that name, or a file with that path. */
function giftOf(path: string): number | undefined {
  const [, index] = /^gift(\d+)(?:\/|$)/.exec(path) ?? [];
  return index === undefined ? undefined : Number(index);
}

/** Names of what users give, and the numbers of the user and the file in them. */
const putPattern = /^put(\d+)-(\d+)\.bin$/;

/** What a file is called that a user gives. */
export function putNameOf(user: number, file: number): string {
  return `put${user}-${file}.bin`;
}
