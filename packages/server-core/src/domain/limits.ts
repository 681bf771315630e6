/** An allowance that refills: `burst` at once, then `perSecond`. */
export interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

/** What the server bounds beyond the sizes that the protocol bounds, with docs/spec/chat.md's numbers as defaults. */
export interface ServerLimits {
  /** Time for `hello`: a slow path needs about a second, a port scanner never says it. */
  readonly helloTimeoutMs: number;
  /** Silence after which the server asks whether the client is there. Below the 30 s after which some NATs forget. */
  readonly pingAfterMs: number;
  /** Silence after which a client is gone: room for one lost Wi-Fi connection that comes back. */
  readonly silenceMaxMs: number;
  /** How long somebody without a nickname may sit there without a request. */
  readonly observerIdleMaxMs: number;
  /** `say`, `edit` and `delete`. A person pastes a few lines a second, a script a hundred at once. */
  readonly messages: Allowance;
  /** Everything else: lists, registering, transfers, pings. */
  readonly requests: Allowance;
  /** Refusals for being too fast, before the connection is ended. */
  readonly refusals: Allowance;
  /** Requests of a connection that wait for the disk (CHAT-REQUEST-3). */
  readonly pendingRequestsMax: number;
  /** Transfers of one connection, those included that wait. */
  readonly transfersMax: number;
  /** Transfers under way at a time, in all: each holds some hundred kilobytes of buffers, on a long path some megabytes. */
  readonly transfersUnderWayMax: number;
  /** Transfers under way of one user: as many as of one connection. */
  readonly transfersPerUserMax: number;
  /** Bytes that may wait to be read by a client before it hears no more of who comes and goes: some seconds of a slow line. */
  readonly presenceQueueBytesMax: number;
  /** The same before it has to fetch what is said: a thousand lines of chat. */
  readonly pushedQueueBytesMax: number;
  /** The same before it is sent away: only answers that it asked for come so far, sixteen of the largest pages do not. */
  readonly queueBytesMax: number;
  /** How long a client may take to read what waits. As long as silence: it is no better. */
  readonly behindMsMax: number;
  /** Connections in all: each costs some kilobytes and a file descriptor. */
  readonly connectionsMax: number;
  /** Connections from one address, loopback excepted: a classroom behind one NAT fits. */
  readonly connectionsPerAddressMax: number;
  /** `read-history` and `search`: apart from the rest, so that catching up is not punished. */
  readonly history: Allowance;
  /** `create-room`, per connection: a room stays. */
  readonly newRooms: Allowance;
  /** Public rooms in all, and conversations of two: each costs some hundred bytes of memory for good. */
  readonly roomsMax: number;
  readonly directRoomsMax: number;
  /** Public rooms that one user is in, and conversations that one user has. */
  readonly roomsPerUserMax: number;
  readonly directRoomsPerUserMax: number;
  /** CHAT-PRESENCE-1: between two `presence` of a room. A person does not read faster. */
  readonly presenceIntervalMs: number;
  /** CHAT-PROGRESS-3: between two `progress` of a line; as `presenceIntervalMs`. */
  readonly progressIntervalMs: number;
  /** Lines of `progress` in a room: more than fit beside a conversation. */
  readonly progressLinesMax: number;
  /** How long a line counts of which nothing is told: thrice the longest pause of a transfer that is tried again. */
  readonly progressLineLifeMs: number;
  /** Writes that wait for the disk: at the largest text 40 MiB, some seconds of a busy server. */
  readonly queuedWritesMax: number;
  /** Writes in one transaction: more do not make it faster, and everybody in it waits for the last. */
  readonly writesPerBatchMax: number;
  /** Messages that a room keeps: a year of a busy team; about 200 MB on a disk. */
  readonly historyMessagesMax: number;
  /** Age up to which a room keeps its messages; `undefined` for ever. */
  readonly historyAgeMsMax: number | undefined;
  /** How often what is too old or too much is forgotten. */
  readonly forgetEveryMs: number;
  /** Connections of one user with an account: a few machines, each with a few windows. */
  readonly devicesPerUserMax: number;
  /** Accounts: with one password each some 400 bytes, 4 MB in all. */
  readonly accountsMax: number;
  /** Logins from one address: a classroom behind one NAT comes back at once after a restart. Each costs 0.3 s of a processor. */
  readonly loginsPerAddress: Allowance;
  /** Failed ones: a person mistypes a few times; guessing goes on at 120 an hour. */
  readonly failedLoginsPerAddress: Allowance;
  /** Failed ones for one account, from everywhere: NIST SP 800-63B allows 100; its owner can still come in with a key. */
  readonly failedLoginsPerAccount: Allowance;
  /** New accounts from one address: a class that begins, then one a minute. */
  readonly newAccountsPerAddress: Allowance;
  /** Addresses and accounts of which logins are remembered: some megabytes. The oldest are forgotten first. */
  readonly loginAddressesMax: number;
  /** Roles, mutes and bans of one room, or of the server: each some 200 bytes. */
  readonly rolesPerPlaceMax: number;
  /** Invite codes that nobody has used yet. */
  readonly invitesMax: number;
  /** How long an invite code is good: people read their mail within a week. */
  readonly inviteLifetimeMs: number;
  /** Passwords that wait to be hashed, in all: about ten seconds of work. */
  readonly passwordJobsMax: number;
}

/** The limits of a server that nobody configured. */
export const DEFAULT_LIMITS: ServerLimits = {
  helloTimeoutMs: 10_000,
  pingAfterMs: 25_000,
  silenceMaxMs: 60_000,
  observerIdleMaxMs: 300_000,
  messages: { burst: 200, perSecond: 20 },
  requests: { burst: 100, perSecond: 10 },
  refusals: { burst: 400, perSecond: 2 },
  pendingRequestsMax: 16,
  transfersMax: 16,
  transfersUnderWayMax: 256,
  transfersPerUserMax: 16,
  presenceQueueBytesMax: 65_536,
  pushedQueueBytesMax: 262_144,
  queueBytesMax: 1_048_576,
  behindMsMax: 60_000,
  connectionsMax: 10_000,
  connectionsPerAddressMax: 100,
  history: { burst: 100, perSecond: 20 },
  newRooms: { burst: 5, perSecond: 0.1 },
  roomsMax: 10_000,
  directRoomsMax: 100_000,
  roomsPerUserMax: 100,
  directRoomsPerUserMax: 1_000,
  presenceIntervalMs: 1_000,
  progressIntervalMs: 1_000,
  progressLinesMax: 16,
  progressLineLifeMs: 30_000,
  queuedWritesMax: 10_000,
  writesPerBatchMax: 1_000,
  historyMessagesMax: 1_000_000,
  historyAgeMsMax: undefined,
  forgetEveryMs: 60_000,
  devicesPerUserMax: 16,
  accountsMax: 10_000,
  loginsPerAddress: { burst: 100, perSecond: 1 },
  failedLoginsPerAddress: { burst: 10, perSecond: 1 / 30 },
  failedLoginsPerAccount: { burst: 100, perSecond: 1 / 36 },
  newAccountsPerAddress: { burst: 40, perSecond: 1 / 60 },
  loginAddressesMax: 20_000,
  rolesPerPlaceMax: 1_000,
  invitesMax: 1_000,
  inviteLifetimeMs: 604_800_000,
  passwordJobsMax: 64,
};

/** CHAT-SLOW-2: slower than this is a room where nobody talks. */
export const SLOW_MODE_MS_MAX = 3_600_000;

/** What is meant to last longer than ten years is meant to last for good; it keeps times whole numbers. */
export const SANCTION_MS_MAX = 315_360_000_000;

/** CHAT-SAY-4: how long the id of a message is remembered at least: a laptop that slept over night resends in the morning. */
export const RESEND_MS_MIN = 86_400_000;

/** CHAT-UPLOAD-9: how long after its start a server takes nothing for old. A server that is restarted every night removes, too. */
export const AGES_DOUBTED_MS = 43_200_000;

/** Of the wall clock against the other one, since the last look: what time services do without being noticed is less. */
export const CLOCK_STEP_MS_MIN = 60_000;

/** When a client that was sent away may come back by itself, by the reason (docs/spec/chat.md, Goodbye codes). */
// CHAT-GOODBYE-2
export const RECONNECT_AFTER_MS = {
  flooding: 10_000,
  'slow-reader': 1_000,
  'peer-silent': 1_000,
  'server-full': 30_000,
  'address-limit': 30_000,
  'internal-error': 5_000,
} as const;
