import type { Inbox } from './checkers/inbox.ts';
import type { Errand } from './errands/errand.ts';
import { PutFile } from './errands/put-file.ts';
import { PutFolder } from './errands/put-folder.ts';
import { type Recipient, SendFile } from './errands/send-file.ts';
import { SendFolder } from './errands/send-folder.ts';
import type { PlannedGift, PlannedPut, TransferPlan } from './plan/plan.ts';
import type { Sources, Version } from './sources.ts';
import type { User } from './user.ts';

/** What users put into the shared folder, and send to each other, in one plan. */
export class Giving {
  readonly #plan: Pick<TransferPlan, 'puts' | 'gifts' | 'twin'>;
  readonly #muted = new Set<string>();
  readonly #forgotten = new Set<User>();
  /** In the order of the plan; made after this. */
  readonly #users: () => readonly User[];

  constructor(plan: Pick<TransferPlan, 'puts' | 'gifts' | 'twin'>, users: () => readonly User[]) {
    this.#plan = plan;
    this.#users = users;
  }

  /** Makes what is given on the disks of those who have it; `wantLater` has them give it. */
  begin(inbox: Inbox, wantLater: (user: User, errand: Errand, atMs: number) => void): void {
    for (const [index, user] of this.#users().entries()) {
      for (const [file, put] of (this.#plan.puts[index] ?? []).entries())
        wantLater(user, this.#errandOfPut(inbox, user, putNameOf(index, file), put), put.atMs);
    }
    this.#beginTwin(inbox, wantLater);
    for (const gift of this.#plan.gifts) {
      const user = this.#users()[gift.user];
      if (user !== undefined) wantLater(user, this.#errandOfGift(inbox, user, gift), gift.atMs);
    }
  }

  /** All that users have had under that name; undefined for what is the server's own. */
  versionsOf(name: string): readonly Version[] | undefined {
    const { twin } = this.#plan;
    if (name !== TWIN_NAME || twin === undefined) return this.sourcesOf(name)?.versionsOf(name);
    return twin.users.flatMap((index) => this.#users()[index]?.sources.versionsOf(name) ?? []);
  }

  /** Where what has that name comes from; undefined for what is the server's own. */
  sourcesOf(name: string): Sources | undefined {
    const [, index] = PUT_PATTERN.exec(name) ?? [];
    return this.#users()[Number(index ?? giftOf(name))]?.sources;
  }

  /** Somebody is muted, for a while at least: nobody knows what of theirs is told. */
  noteMuted(user: User): void {
    this.#muted.add(user.name);
  }

  /** The account of somebody is deleted: nobody knows what of that which was sent there is told. */
  noteForgotten(user: User): void {
    this.#forgotten.add(user);
  }

  isForgotten(user: User): boolean {
    return this.#forgotten.has(user);
  }

  /** Whether a room is to hear of what has that name; undefined when that depends. */
  // CHAT-UPLOAD-6
  isTold(name: string): boolean | undefined {
    const owner = this.#users()[Number(PUT_PATTERN.exec(name)?.[1] ?? giftOf(name))]?.name;
    if (this.#muted.size > 0 && (owner === undefined || this.#muted.has(owner))) return undefined;
    const put = this.#putOf(name);
    const recipient = this.recipientOf(name)?.user;
    if (recipient !== undefined && this.#forgotten.has(recipient)) return undefined;
    return name === TWIN_NAME || put?.to !== undefined || put?.isTold === true || giftOf(name) !== undefined;
  }

  /** Who gets what was sent under that name, and whether they want it. */
  recipientOf(name: string): { readonly user: User | undefined; readonly isAccepted: boolean } | undefined {
    const gift = this.#plan.gifts.find((one) => one.user === giftOf(name));
    const { to, isAccepted = false } = gift ?? this.#putOf(name) ?? {};
    return to === undefined ? undefined : { user: this.#users()[to], isAccepted };
  }

  #putOf(name: string): PlannedPut | undefined {
    const [, index, file] = PUT_PATTERN.exec(name) ?? [];
    return this.#plan.puts[Number(index)]?.[Number(file)];
  }

  #beginTwin(inbox: Inbox, wantLater: (user: User, errand: Errand, atMs: number) => void): void {
    const { twin } = this.#plan;
    for (const [place, index] of twin?.users.entries() ?? []) {
      const user = this.#users()[index];
      if (user === undefined || twin === undefined) continue;
      const { sources } = user;
      const [first] = this.versionsOf(TWIN_NAME) ?? [];
      if (twin.isSame && first !== undefined) sources.addCopy(TWIN_NAME, first.bytes);
      else sources.add(TWIN_NAME, twin.sizes[place] ?? 0);
      wantLater(user, new PutFile(inbox, { name: TWIN_NAME, sources, isTold: true }), twin.atMs[place] ?? 0);
    }
  }

  #recipientAt(index: number | undefined): Recipient | undefined {
    const user = index === undefined ? undefined : this.#users()[index];
    return user && { nickname: user.name, isGone: () => this.#forgotten.has(user) };
  }

  #errandOfPut(inbox: Inbox, { sources }: User, name: string, { size, to, isTold }: PlannedPut): Errand {
    sources.add(name, size);
    const recipient = this.#recipientAt(to);
    return recipient === undefined
      ? new PutFile(inbox, { name, sources, isTold })
      : new SendFile(inbox, { name, sources, recipient });
  }

  #errandOfGift(inbox: Inbox, { sources }: User, { user: index, files, to }: PlannedGift): Errand {
    const name = `gift${index}`;
    sources.addTree(name, files);
    const recipient = this.#recipientAt(to);
    return recipient === undefined
      ? new PutFolder(inbox, { name, sources })
      : new SendFolder(inbox, { name, sources, recipient });
  }
}

/** What two users put at the same time. */
const TWIN_NAME = 'twin.bin';

/** Whose folder has that name, or a file with that path. */
function giftOf(path: string): number | undefined {
  const [, index] = /^gift(\d+)(?:\/|$)/.exec(path) ?? [];
  return index === undefined ? undefined : Number(index);
}

/** Names of what users give, and the numbers of the user and the file in them. */
const PUT_PATTERN = /^put(\d+)-(\d+)\.bin$/;

/** What a file is called that a user gives. */
export function putNameOf(user: number, file: number): string {
  return `put${user}-${file}.bin`;
}
