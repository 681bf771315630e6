// The numbers that docs/spec/chat.md states are those that the server has.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AUDIT_ENTRIES_MAX } from '../src/accounts/audit-trail.ts';
import { RECONNECT_AFTER_MS } from '../src/domain/limits.ts';
import { type Allowance, DEFAULT_DOOR_LIMITS, DEFAULT_LIMITS } from '../src/index.ts';
import { LINGER_MS, TICKET_LIFETIME_MS, TLS_TRANSFERS_MAX } from '../src/node/limits.ts';

const specification = readFileSync(new URL('../../../docs/spec/chat.md', import.meta.url), 'utf8');
const limits = DEFAULT_LIMITS;
const door = DEFAULT_DOOR_LIMITS;
const count = (number: number) => number.toLocaleString('en');
const seconds = (milliseconds: number) => `${milliseconds / 1_000} s`;
const allowance = ({ burst, perSecond }: Allowance) =>
  `${count(burst)} at once, ${count(perSecond)} per second`;
const hourly = ({ burst, perSecond }: Allowance) =>
  `${count(burst)} at once, ${count(perSecond * 3_600)} per hour`;

// CHAT-LOGIN-2, CHAT-ACCOUNT-2, CHAT-DOOR-1, CHAT-TLS-1, CHAT-HELLO-4, CHAT-PING-2, CHAT-IDLE-1, CHAT-FLOOD-1, CHAT-FLOOD-2, CHAT-REQUEST-3, CHAT-TRANSFER-8, CHAT-SLOW-1, CHAT-BEHIND-1, CHAT-BEHIND-2, CHAT-TCP-5
test.each([
  ['time for `hello`', seconds(limits.helloTimeoutMs)],
  [
    'silence before `ping`, before the end',
    `${seconds(limits.pingAfterMs)}, ${seconds(limits.silenceMaxMs)}`,
  ],
  ['idle time without a nickname', `${limits.observerIdleMaxMs / 60_000} min`],
  ['messages per connection', allowance(limits.messages)],
  ['other requests per connection', allowance(limits.requests)],
  ['refusals per connection', allowance(limits.refusals)],
  ['reading of history and searches per connection', allowance(limits.history)],
  ['new rooms per connection', allowance(limits.newRooms)],
  [
    'public and direct rooms of one user',
    `${limits.roomsPerUserMax} and ${count(limits.directRoomsPerUserMax)}`,
  ],
  ['public and direct rooms in all', `${count(limits.roomsMax)} and ${count(limits.directRoomsMax)}`],
  ['between two `presence` of a room', seconds(limits.presenceIntervalMs)],
  ['unanswered requests that need the disk', `${limits.pendingRequestsMax}`],
  ['transfers per connection', `${limits.transfersMax}`],
  ['life of an unused ticket', seconds(TICKET_LIFETIME_MS)],
  [
    'bytes waiting for one reader before `presence`, and `message`, are kept back',
    `${limits.presenceQueueBytesMax / 1_024} KiB, ${limits.pushedQueueBytesMax / 1_024} KiB`,
  ],
  [
    'bytes waiting for one reader, and time behind',
    `${limits.queueBytesMax / 2 ** 20} MiB, ${seconds(limits.behindMsMax)}`,
  ],
  ['connections, and per address', `${count(limits.connectionsMax)} and ${limits.connectionsPerAddressMax}`],
  ['time for the TLS handshake', seconds(door.handshakeTimeoutMs)],
  ['half-open connections, and per address', `${count(door.halfOpenMax)} and ${door.halfOpenPerAddressMax}`],
  ['transfers over TLS', count(TLS_TRANSFERS_MAX)],
  ['new connections', allowance(door.arrivals)],
  ['new connections per address', allowance(door.arrivalsPerAddress)],
  ['devices of one user', count(limits.devicesPerUserMax)],
  ['accounts', count(limits.accountsMax)],
  ['logins per address', allowance(limits.loginsPerAddress)],
  ['failed logins per address', hourly(limits.failedLoginsPerAddress)],
  ['failed logins per account', hourly(limits.failedLoginsPerAccount)],
  ['new accounts per address', hourly(limits.newAccountsPerAddress)],
  ['roles, mutes and bans of a room, or of the server', `${count(limits.rolesPerPlaceMax)} each`],
  ['invite codes that were not used', count(limits.invitesMax)],
  ['life of an invite code', `${limits.inviteLifetimeMs / 86_400_000} days`],
  ['decisions kept in the audit log', count(AUDIT_ENTRIES_MAX)],
  ['passwords that wait to be hashed', count(limits.passwordJobsMax)],
  ['between two `progress` of a line', seconds(limits.progressIntervalMs)],
  [
    'lines of `progress` in a room, and how long each counts',
    `${limits.progressLinesMax}, ${seconds(limits.progressLineLifeMs)}`,
  ],
  ['messages remembered per room', count(limits.historyMessagesMax)],
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
