import { type Nickname, type NicknameKey, nicknameKey } from '@parley/protocol';
import type {
  AccountChange,
  Emergency,
  Place,
  Role,
  StoredAccount,
  StoredBan,
  StoredInvite,
  StoredMute,
  StoredRole,
  StoredRoomSettings,
} from '../../accounts/account-store.ts';
import type { UserId } from '../../history/history-store.ts';
import { BanList, type Visitor } from './ban-list.ts';
import { CredentialList } from './credential-list.ts';
import { isOver } from './expiry.ts';
import { RetiredAccounts } from './retired-accounts.ts';

/** Accounts, roles, and all that is said of users, as the changes so far have made it. What is in it is durable. */
export class AccountBook {
  readonly bans = new BanList();
  readonly credentials = new CredentialList();
  readonly retired = new RetiredAccounts();
  readonly #accounts = new Map<UserId, StoredAccount>();
  readonly #userByNickname = new Map<NicknameKey, UserId>();
  readonly #roles = new PlacedMap<StoredRole>();
  readonly #mutes = new PlacedMap<StoredMute>();
  readonly #settings = new Map<string, StoredRoomSettings>();
  readonly #invites = new Map<string, StoredInvite>();
  #emergency: Emergency = 'off';

  constructor(changes: readonly AccountChange[]) {
    for (const change of changes) this.apply(change);
  }

  /** How much less the server takes than it was started to take. */
  // CHAT-EMERGENCY-1
  get emergency(): Emergency {
    return this.#emergency;
  }

  /** Those that are gone too: their nicknames are kept. */
  get accountCount(): number {
    return this.#accounts.size + this.retired.count;
  }

  /** Invite codes that were not used. */
  get invites(): readonly StoredInvite[] {
    return [...this.#invites.values()];
  }

  apply(change: AccountChange): void {
    // What was on its way while its account went gives nothing back to it.
    if (this.#isOfRetired(change)) return;
    switch (change.type) {
      case 'put-account':
        this.#accounts.set(change.account.userId, change.account);
        this.#userByNickname.set(nicknameKey(change.account.nickname), change.account.userId);
        break;
      case 'retire-account':
        this.#retire(change.userId, change.nickname);
        break;
      case 'put-credential':
        this.credentials.put(change.credential);
        break;
      case 'remove-credential':
        this.credentials.remove(change.userId, change.name);
        break;
      case 'put-role':
        this.#roles.put(change.role);
        break;
      case 'remove-role':
        this.#roles.remove(change.roomKey, change.userId);
        break;
      case 'put-mute':
        this.#mutes.put(change.mute);
        break;
      case 'remove-mute':
        this.#mutes.remove(change.roomKey, change.userId);
        break;
      case 'put-ban':
        this.bans.put(change.ban);
        break;
      case 'remove-ban':
        this.bans.remove(change.banId);
        break;
      case 'put-room-settings':
        this.#settings.set(change.settings.roomKey, change.settings);
        break;
      case 'put-emergency':
        this.#emergency = change.emergency;
        break;
      case 'put-invite':
        this.#invites.set(change.invite.codeId, change.invite);
        break;
      case 'remove-invite':
        this.#invites.delete(change.codeId);
        break;
      default:
        change satisfies never;
    }
  }

  /** The fewest changes that make this book. */
  changes(): AccountChange[] {
    return [
      ...this.retired.all().map((gone) => ({ type: 'retire-account', ...gone }) as const),
      ...Array.from(this.#accounts.values(), (account) => ({ type: 'put-account', account }) as const),
      ...this.credentials.all().map((credential) => ({ type: 'put-credential', credential }) as const),
      ...this.#roles.all().map((role) => ({ type: 'put-role', role }) as const),
      ...this.#mutes.all().map((mute) => ({ type: 'put-mute', mute }) as const),
      ...this.bans.all().map((ban) => ({ type: 'put-ban', ban }) as const),
      ...Array.from(
        this.#settings.values(),
        (settings) => ({ type: 'put-room-settings', settings }) as const,
      ),
      ...this.invites.map((invite) => ({ type: 'put-invite', invite }) as const),
      ...(this.#emergency === 'off' ? [] : [{ type: 'put-emergency', emergency: this.#emergency } as const]),
    ];
  }

  /** The account to which a nickname, or one that looks like it, belongs. */
  // CHAT-ACCOUNT-1
  accountNamed(key: NicknameKey): StoredAccount | undefined {
    const userId = this.#userByNickname.get(key);
    return userId === undefined ? undefined : this.#accounts.get(userId);
  }

  accountOf(userId: UserId): StoredAccount | undefined {
    return this.#accounts.get(userId);
  }

  /** The role of a user at a place. */
  roleOf(userId: UserId, roomKey: Place): Role | undefined {
    return this.#roles.get(roomKey, userId)?.role;
  }

  /** All roles at a place. */
  rolesAt(roomKey: Place): readonly StoredRole[] {
    return this.#roles.at(roomKey);
  }

  isOperator(userId: UserId): boolean {
    return this.roleOf(userId, undefined) === 'operator';
  }

  /** Whether there is anybody who may do everything. */
  get hasOperator(): boolean {
    return this.rolesAt(undefined).some(({ role }) => role === 'operator');
  }

  /** What keeps a user, who comes from an address, out of a place. */
  // CHAT-MODERATE-4
  banOf(visitor: Omit<Visitor, 'accountSince'>, roomKey: Place, time: number): StoredBan | undefined {
    const { userId, address } = visitor;
    if (this.isOperator(userId)) return undefined;
    const accountSince = this.accountOf(userId)?.createdAt;
    return this.bans.banOf({ userId, accountSince, address }, roomKey, time);
  }

  /** What keeps a user from writing at a place, whatever the whole server says. */
  muteOf(userId: UserId, roomKey: Place, time: number): StoredMute | undefined {
    const mute = this.#mutes.get(roomKey, userId);
    return mute !== undefined && isOver(mute, time) ? undefined : mute;
  }

  /** All mutes at a place, those that are over too. */
  mutesAt(roomKey: Place): readonly StoredMute[] {
    return this.#mutes.at(roomKey);
  }

  /** How a room is kept. */
  settingsOf(roomKey: string): StoredRoomSettings {
    return this.#settings.get(roomKey) ?? { roomKey, entry: 'open', slowModeMs: 0 };
  }

  // CHAT-ACCOUNT-5
  #retire(userId: UserId, nickname: Nickname): void {
    this.#accounts.delete(userId);
    this.#userByNickname.delete(nicknameKey(nickname));
    this.credentials.removeAllOf(userId);
    this.#roles.removeAllOf(userId);
    this.#mutes.removeAllOf(userId);
    this.retired.put(userId, nickname);
  }

  #isOfRetired(change: AccountChange): boolean {
    switch (change.type) {
      case 'put-account':
        return this.retired.hasUser(change.account.userId);
      case 'put-credential':
        return this.retired.hasUser(change.credential.userId);
      case 'put-role':
        return this.retired.hasUser(change.role.userId);
      case 'put-mute':
        return this.retired.hasUser(change.mute.userId);
      default:
        return false;
    }
  }

  /** An invite code that is still good. */
  inviteOf(codeId: string, time: number): StoredInvite | undefined {
    const invite = this.#invites.get(codeId);
    return invite !== undefined && isOver(invite, time) ? undefined : invite;
  }
}

/** One thing for each user at each place. */
class PlacedMap<Item extends { readonly roomKey: Place; readonly userId: UserId }> {
  readonly #byPlace = new Map<Place, Map<UserId, Item>>();

  put(item: Item): void {
    const items = this.#byPlace.get(item.roomKey) ?? new Map<UserId, Item>();
    this.#byPlace.set(item.roomKey, items.set(item.userId, item));
  }

  remove(roomKey: Place, userId: UserId): void {
    const items = this.#byPlace.get(roomKey);
    items?.delete(userId);
    if (items?.size === 0) this.#byPlace.delete(roomKey);
  }

  removeAllOf(userId: UserId): void {
    for (const roomKey of [...this.#byPlace.keys()]) this.remove(roomKey, userId);
  }

  get(roomKey: Place, userId: UserId): Item | undefined {
    return this.#byPlace.get(roomKey)?.get(userId);
  }

  at(roomKey: Place): readonly Item[] {
    return [...(this.#byPlace.get(roomKey)?.values() ?? [])];
  }

  all(): readonly Item[] {
    return [...this.#byPlace.keys()].flatMap((roomKey) => this.at(roomKey));
  }
}
