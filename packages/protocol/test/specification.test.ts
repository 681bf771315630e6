// The tables of docs/spec/chat.md and the tables of the code say the same.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  CLIENT_FRAME_BYTES_MAX,
  CLIENT_TYPE_BYTES,
  CREDENTIAL_KINDS,
  DEFAULT_PORT,
  EMERGENCY_LEVELS,
  ENTRY_KINDS,
  FAILURE_CODES,
  FILE_ORDERS,
  GOODBYE_CODES,
  LEAVE_CAUSES,
  MODERATION_ACTIONS,
  PROGRESS_STATES,
  READ_DIRECTIONS,
  ROLES,
  ROOM_ENTRIES,
  ROOM_KINDS,
  SERVER_FRAME_BYTES_MAX,
  SERVER_TYPE_BYTES,
  SHARED_TYPE_BYTES,
  TRANSFER_DIRECTIONS,
  TRANSFER_OUTCOMES,
} from '../src/index.ts';
import { goldenClientMessages, goldenServerMessages } from './golden-messages.ts';

const specification = readFileSync(new URL('../../../docs/spec/chat.md', import.meta.url), 'utf8');

/** Rows of the first table below a heading, as cells. */
function tableBelow(heading: string): string[][] {
  const section = specification.slice(specification.indexOf(`\n### ${heading}\n`)).split('\n');
  const first = section.findIndex((line) => line.startsWith('|'));
  const rows = section.slice(first + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

function codesBelow(heading: string): Record<string, number> {
  return Object.fromEntries(
    tableBelow(heading).map(([number, code]) => [code?.replaceAll('`', ''), Number(number)]),
  );
}

test.each([
  ['From either side', SHARED_TYPE_BYTES],
  ['From a client', CLIENT_TYPE_BYTES],
  ['From a server', SERVER_TYPE_BYTES],
])('the messages %s have the type bytes of the specification', (heading, typeBytes) => {
  const own = Object.entries(typeBytes).filter(
    ([type]) => heading === 'From either side' || !(type in SHARED_TYPE_BYTES),
  );
  const stated = tableBelow(heading).map(([byte, type]) => [type?.replaceAll('`', ''), Number(byte)]);
  expect(stated).toEqual(own);
});

// CHAT-FIELD-1
test.each([
  ['From either side', [...goldenClientMessages]],
  ['From a client', goldenClientMessages],
  ['From a server', goldenServerMessages],
])('the messages %s have the fields of the specification, in its order', (heading, golden) => {
  for (const [, type, fields] of tableBelow(heading)) {
    const sample = golden.find(([message]) => message.type === type?.replaceAll('`', ''))?.[0];
    const outer = (fields as string).replace(/record\{[^}]*\}/g, 'record');
    const stated = outer === '' ? [] : outer.split(', ').map((field) => field.split(' ')[0]);
    expect(['type', ...stated]).toEqual(Object.keys(sample ?? {}));
  }
});

// CHAT-FAILED-1, CHAT-GOODBYE-1, CHAT-LEFT-2, CHAT-TRANSFER-5
test.each([
  ['Failure codes', FAILURE_CODES],
  ['Goodbye codes', GOODBYE_CODES],
  ['Leave causes', LEAVE_CAUSES],
  ['Room kinds', ROOM_KINDS],
  ['Credential kinds', CREDENTIAL_KINDS],
  ['Roles', ROLES],
  ['Levels of emergency', EMERGENCY_LEVELS],
  ['Ways into a room', ROOM_ENTRIES],
  ['Moderation actions', MODERATION_ACTIONS],
  ['Entry kinds', ENTRY_KINDS],
  ['Reading directions', READ_DIRECTIONS],
  ['File orders', FILE_ORDERS],
  ['Transfer outcomes', TRANSFER_OUTCOMES],
  ['Progress states', PROGRESS_STATES],
  ['Directions of transfers', TRANSFER_DIRECTIONS],
])('%s are those of the specification', (heading, codes) => {
  expect(codesBelow(heading)).toEqual(codes);
});

// CHAT-FRAME-3
test('port and frame limits are those of the specification', () => {
  expect(specification).toContain(`by default on port ${DEFAULT_PORT}.`);
  expect(specification).toContain(
    `A length above ${CLIENT_FRAME_BYTES_MAX.toLocaleString('en')} from a client, or above ${SERVER_FRAME_BYTES_MAX.toLocaleString('en')} from a server`,
  );
});
