import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BBR_STATE_TABLE, GAINS } from '../../src/core/congestion/bbr/states.ts';
import { FrameType } from '../../src/core/frames/frames.ts';
import { RejectCode } from '../../src/core/handshake/reject.ts';
import { ParameterId } from '../../src/core/handshake/transport-parameters.ts';
import { CONNECTION_STATE_TABLE } from '../../src/core/index.ts';
import { PacketType } from '../../src/core/packets/packet.ts';
import { PATH_VALIDATION_TABLE } from '../../src/core/paths/path-validation.ts';
import { ResetCode } from '../../src/core/states/connection-end.ts';
import { stepOf } from '../../src/core/structures/state-table.ts';
import { between } from '../support/document.ts';
import { stateDiagramMarkdown, statesReachable, stateTableMarkdown } from '../support/state-table.ts';

const specification = readFileSync(
  fileURLToPath(new URL('../../../../docs/spec/rudp.md', import.meta.url)),
  'utf8',
);

const TABLES = [
  {
    name: 'connection',
    table: CONNECTION_STATE_TABLE,
    starts: ['syn-sent: client', 'syn-received: server'],
    hidden: ['abandoned', 'reset'],
    final: 'closed',
  },
  {
    name: 'bbr',
    table: BBR_STATE_TABLE,
    starts: ['startup'],
    hidden: ['congestion', 'min-rtt-stale', 'persistent-congestion'],
  },
  { name: 'path-validation', table: PATH_VALIDATION_TABLE, starts: ['idle'], hidden: [] },
] as const;

// RUDP-STATE-1, RUDP-STATE-2, RUDP-CC-21, RUDP-PATH-3
describe.each(TABLES)('the states of $name', ({ name, table, ...diagram }) => {
  const documented = (kind: string) =>
    between(specification, [`<!-- ${name}-${kind} -->`, `<!-- /${name}-${kind} -->`]).trim();

  // When one of these fails, paste the received text between the markers.
  test('are a table in the specification, the one that the code moves by', () => {
    expect(documented('state-table')).toBe(stateTableMarkdown(table));
  });

  test('are drawn there', () => {
    expect(documented('state-diagram')).toBe(stateDiagramMarkdown(table, diagram));
  });

  test('can all be reached', () => {
    const starts = diagram.starts.map((start) => start.split(':')[0] as string);
    expect(statesReachable(table, starts)).toEqual(new Set(Object.keys(table)));
  });
});

// RUDP-STATE-2
test('a step that the table does not have is a bug', () => {
  expect(stepOf(PATH_VALIDATION_TABLE, 'failed', 'response-received')).toBe('idle');
  expect(() => stepOf(PATH_VALIDATION_TABLE, 'idle', 'response-received')).toThrow(
    'no step from idle on response-received',
  );
});

// RUDP-CC-2
test('the specification shows the gains of bbr', () => {
  const rows = Object.entries(GAINS).map(
    ([state, { pacing, window }]) => `| ${state} | ${pacing} | ${window} |`,
  );
  expect(between(specification, ['<!-- bbr-gains -->', '<!-- /bbr-gains -->']).trim()).toBe(
    ['| state | pacing gain | window gain |', '|---|---|---|', ...rows].join('\n'),
  );
});

const numbersOf = (values: Readonly<Record<string, number>>) =>
  Object.values(values).toSorted((a, b) => a - b);

// RUDP-FRAME-1, RUDP-PARAM-1, RUDP-REJECT-1, RUDP-RESET-1
test('the specification lists every packet, frame, parameter and code that the code knows, and no other', () => {
  const firstCells = (heading: string) => {
    const [, table = ''] = specification.split(heading);
    const rows = (table.split('\n\n')[0] ?? '').split('\n').slice(2);
    return rows.map((row) => Number(row.split('|')[1]?.replaceAll('`', '')));
  };
  expect(firstCells('| type | frame | fields |')).toEqual(numbersOf(FrameType));
  expect(firstCells('| id | value |')).toEqual(numbersOf(ParameterId));
  const types = specification.split('\n').find((line) => line.startsWith('| type | u8 | `0x01`')) ?? '';
  expect([...types.matchAll(/`(0x[0-9a-f]{2})`/g)].map(([, type]) => Number(type))).toEqual(
    numbersOf(PacketType),
  );
  const codesAfter = (text: string) => {
    const [sentence = ''] = (specification.split(text)[1] ?? '').split('.\n');
    return [...sentence.matchAll(/(?:^|, )(\d) [a-z]/g)].map(([, code]) => Number(code));
  };
  expect(codesAfter('  Codes: ')).toEqual(numbersOf(RejectCode));
  expect(codesAfter("Codes below 0x100 are the transport's: ")).toEqual(numbersOf(ResetCode));
});

// RUDP-STATE-1
test('every state of a connection leads to closed', () => {
  for (const state of Object.keys(CONNECTION_STATE_TABLE))
    expect(statesReachable(CONNECTION_STATE_TABLE, [state])).toContain('closed');
});
