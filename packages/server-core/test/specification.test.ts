// The numbers that docs/spec/chat.md states are those that the server has.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AUDIT_ENTRIES_MAX } from '../src/accounts/audit-trail.ts';
import { RECONNECT_AFTER_MS } from '../src/domain/limits.ts';
import { type Allowance, DEFAULT_DOOR_LIMITS, DEFAULT_LIMITS } from '../src/index.ts';
import { LINGER_MS, TICKET_LIFETIME_MS, TLS_TRANSFERS_MAX } from '../src/node/limits.ts';

const specification = readFileSync(new URL('../../../docs/spec/chat.md', import.meta.url), 'utf8');
const LIMITS = DEFAULT_LIMITS;
const DOOR = DEFAULT_DOOR_LIMITS;
const count = (number: number) => number.toLocaleString('en');
const seconds = (milliseconds: number) => `${milliseconds / 1_000} s`;
const allowance = ({ burst, perSecond }: Allowance) =>
  `${count(burst)} at once, ${count(perSecond)} per second`;
const hourly = ({ burst, perSecond }: Allowance) =>
  `${count(burst)} at once, ${count(perSecond * 3_600)} per hour`;

// CHAT-LOGIN-2, CHAT-ACCOUNT-2, CHAT-DOOR-1, CHAT-TLS-1, CHAT-HELLO-4, CHAT-PING-2, CHAT-IDLE-1, CHAT-FLOOD-1, CHAT-FLOOD-2, CHAT-REQUEST-3, CHAT-TRANSFER-8, CHAT-SLOW-1, CHAT-BEHIND-1, CHAT-BEHIND-2, CHAT-TCP-5
test.each([
  ['time for `hello`', seconds(LIMITS.helloTimeoutMs)],
  [
    'silence before `ping`, before the end',
    `${seconds(LIMITS.pingAfterMs)}, ${seconds(LIMITS.silenceMaxMs)}`,
  ],
  ['idle time without a nickname', `${LIMITS.observerIdleMaxMs / 60_000} min`],
  ['messages per connection', allowance(LIMITS.messages)],
  ['other requests per connection', allowance(LIMITS.requests)],
  ['refusals per connection', allowance(LIMITS.refusals)],
  ['reading of history and searches per connection', allowance(LIMITS.history)],
  ['new rooms per connection', allowance(LIMITS.newRooms)],
  [
    'public and direct rooms of one user',
    `${LIMITS.roomsPerUserMax} and ${count(LIMITS.directRoomsPerUserMax)}`,
  ],
  ['public and direct rooms in all', `${count(LIMITS.roomsMax)} and ${count(LIMITS.directRoomsMax)}`],
  ['between two `presence` of a room', seconds(LIMITS.presenceIntervalMs)],
  ['unanswered requests that need the disk', `${LIMITS.pendingRequestsMax}`],
  ['transfers per connection', `${LIMITS.transfersMax}`],
  ['life of an unused ticket', seconds(TICKET_LIFETIME_MS)],
  [
    'bytes waiting for one reader before `presence`, and `message`, are kept back',
    `${LIMITS.presenceQueueBytesMax / 1_024} KiB, ${LIMITS.pushedQueueBytesMax / 1_024} KiB`,
  ],
  [
    'bytes waiting for one reader, and time behind',
    `${LIMITS.queueBytesMax / 2 ** 20} MiB, ${seconds(LIMITS.behindMsMax)}`,
  ],
  ['connections, and per address', `${count(LIMITS.connectionsMax)} and ${LIMITS.connectionsPerAddressMax}`],
  ['time for the TLS handshake', seconds(DOOR.handshakeTimeoutMs)],
  ['half-open connections, and per address', `${count(DOOR.halfOpenMax)} and ${DOOR.halfOpenPerAddressMax}`],
  ['transfers over TLS', count(TLS_TRANSFERS_MAX)],
  ['new connections', allowance(DOOR.arrivals)],
  ['new connections per address', allowance(DOOR.arrivalsPerAddress)],
  ['devices of one user', count(LIMITS.devicesPerUserMax)],
  ['accounts', count(LIMITS.accountsMax)],
  ['logins per address', allowance(LIMITS.loginsPerAddress)],
  ['failed logins per address', hourly(LIMITS.failedLoginsPerAddress)],
  ['failed logins per account', hourly(LIMITS.failedLoginsPerAccount)],
  ['new accounts per address', hourly(LIMITS.newAccountsPerAddress)],
  ['roles, mutes and bans of a room, or of the server', `${count(LIMITS.rolesPerPlaceMax)} each`],
  ['invite codes that were not used', count(LIMITS.invitesMax)],
  ['life of an invite code', `${LIMITS.inviteLifetimeMs / 86_400_000} days`],
  ['decisions kept in the audit log', count(AUDIT_ENTRIES_MAX)],
  ['passwords that wait to be hashed', count(LIMITS.passwordJobsMax)],
  ['between two `progress` of a line', seconds(LIMITS.progressIntervalMs)],
  [
    'lines of `progress` in a room, and how long each counts',
    `${LIMITS.progressLinesMax}, ${seconds(LIMITS.progressLineLifeMs)}`,
  ],
  ['messages remembered per room', count(LIMITS.historyMessagesMax)],
])('%s: %s', (what, value) => {
  expect(specification).toContain(`| ${what} | ${value} |`);
});

// CHAT-GOODBYE-1
test('a connection is freed in the time that the specification gives', () => {
  expect(specification).toContain(`frees the connection within ${LINGER_MS / 1_000} seconds`);
});

// CHAT-GOODBYE-2
test.each(Object.entries(RECONNECT_AFTER_MS))(
  'after %s a client may come back in %i ms',
  (code, milliseconds) => {
    expect(specification).toMatch(new RegExp(`\\| \\d+ \\| \`${code}\` \\| ${count(milliseconds)} \\|`));
  },
);
