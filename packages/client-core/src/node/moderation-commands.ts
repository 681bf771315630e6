import type { BanEntry, EmergencyLevel, ModerationAction, RoleName, RoomEntryName } from '@parley/protocol';
import type { AuditPage, InviteCode, RoomRoles } from '../domain/events.ts';
import type { RunCommand } from './account-commands.ts';

/** A public room, or with `undefined` the whole server. */
type Place = string | undefined;

/** What those in charge of a room, or of the server, can do. The server refuses it to others. */
export class ModerationCommands {
  readonly #run: RunCommand;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  /** Kicks, mutes or bans somebody, or takes that back. In the server the target of a ban may be a network. */
  moderate(
    action: ModerationAction,
    target: string,
    room: Place,
    options: { readonly durationMs?: number | undefined; readonly reason?: string | undefined } = {},
  ): Promise<undefined> {
    const { durationMs, reason = '' } = options;
    return this.#run({ type: 'moderate', action, target, room, durationMs, reason });
  }

  /** Gives a user with an account a role; `member` takes it away. */
  setRole(nickname: string, role: RoleName, room: Place): Promise<undefined> {
    return this.#run({ type: 'set-role', nickname, role, room });
  }

  /** Says who may come into a room, and how fast one may write there; what is not given stays. */
  configureRoom(
    room: string,
    options: { readonly entry?: RoomEntryName; readonly slowModeMs?: number },
  ): Promise<undefined> {
    const { entry, slowModeMs } = options;
    return this.#run({ type: 'configure-room', room, entry, slowModeMs });
  }

  /** Lets somebody into a room for those who were invited. */
  invite(nickname: string, room: string): Promise<undefined> {
    return this.#run({ type: 'invite-user', nickname, room });
  }

  /** Who has which role, and how the room is kept. */
  roles(room: Place): Promise<RoomRoles> {
    return this.#run({ type: 'list-roles', room });
  }

  /** The bans that hold, the oldest first. */
  bans(room: Place): Promise<readonly BanEntry[]> {
    return this.#run({ type: 'list-bans', room });
  }

  /** A code with which somebody may make an account, once. */
  createInvite(): Promise<InviteCode> {
    return this.#run({ type: 'create-invite' });
  }

  /** Has the server take fewer than it was started to take, or as many again. */
  setEmergency(level: EmergencyLevel): Promise<undefined> {
    return this.#run({ type: 'set-emergency', level });
  }

  /** What was decided, the newest first; `cursor` is that of the page before. */
  audit(room: Place, cursor?: string): Promise<AuditPage> {
    return this.#run({ type: 'read-audit', room, cursor });
  }
}
