import type { Place, StoredBan } from '../../accounts/account-store.ts';
import type { UserId } from '../../history/history-store.ts';
import { type AddressRange, containsRange, parseAddressRange } from './address-range.ts';
import { isOver } from './expiry.ts';

interface KnownBan {
  readonly ban: StoredBan;
  readonly ranges: readonly AddressRange[];
}

/** Who wants to come in. */
export interface Visitor {
  readonly userId: UserId;
  /** Wall-clock time at which the account was made; `undefined` for a guest. */
  readonly accountSince: number | undefined;
  /** As `addressKey` writes it; `undefined` for loopback, which no ban hits. */
  readonly address: string | undefined;
}

/** All bans, by place and number. */
export class BanList {
  readonly #byPlace = new Map<Place, Map<number, KnownBan>>();
  readonly #placeOf = new Map<number, Place>();
  #lastBanId = 0;

  /** A number that no ban has had. */
  nextBanId(): number {
    this.#lastBanId += 1;
    return this.#lastBanId;
  }

  put(ban: StoredBan): void {
    this.#lastBanId = Math.max(this.#lastBanId, ban.banId);
    const bans = this.#byPlace.get(ban.roomKey) ?? new Map<number, KnownBan>();
    const ranges = ban.ranges.flatMap((text) => {
      const parsed = parseAddressRange(text);
      return parsed.ok ? [parsed.value] : [];
    });
    this.#byPlace.set(ban.roomKey, bans.set(ban.banId, { ban, ranges }));
    this.#placeOf.set(ban.banId, ban.roomKey);
  }

  remove(banId: number): void {
    this.#byPlace.get(this.#placeOf.get(banId))?.delete(banId);
    this.#placeOf.delete(banId);
  }

  /** All bans at a place in the order of their numbers, those that are over too. */
  at(roomKey: Place): readonly StoredBan[] {
    return Array.from(this.#byPlace.get(roomKey)?.values() ?? [], ({ ban }) => ban);
  }

  all(): readonly StoredBan[] {
    return [...this.#byPlace.keys()].flatMap((roomKey) => this.at(roomKey));
  }

  /** What keeps somebody out of a place. */
  // CHAT-MODERATE-4
  banOf(visitor: Visitor, roomKey: Place, time: number): StoredBan | undefined {
    const from = rangeOf(visitor.address);
    return this.#find(roomKey, time, ({ ban, ranges }) => {
      if (ban.kind === 'network') return false;
      if (ban.userId === visitor.userId) return true;
      // An account that was made after the ban may be the guest's way round it.
      const isOlder = visitor.accountSince !== undefined && visitor.accountSince <= ban.time;
      return ban.kind === 'guest' && !isOlder && isWithin(from, ranges);
    });
  }

  /** What keeps everybody from an address out of the server. */
  // CHAT-MODERATE-5
  networkBanOf(address: string | undefined, time: number): StoredBan | undefined {
    const from = rangeOf(address);
    if (from === undefined) return undefined;
    return this.#find(undefined, time, ({ ban, ranges }) => ban.kind === 'network' && isWithin(from, ranges));
  }

  #find(roomKey: Place, time: number, fits: (known: KnownBan) => boolean): StoredBan | undefined {
    for (const known of this.#byPlace.get(roomKey)?.values() ?? []) {
      if (!isOver(known.ban, time) && fits(known)) return known.ban;
    }
    return undefined;
  }
}

function rangeOf(address: string | undefined): AddressRange | undefined {
  const parsed = address === undefined ? undefined : parseAddressRange(address);
  return parsed?.ok ? parsed.value : undefined;
}

function isWithin(from: AddressRange | undefined, ranges: readonly AddressRange[]): boolean {
  return from !== undefined && ranges.some((range) => containsRange(range, from));
}
