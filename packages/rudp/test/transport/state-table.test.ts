import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ResetCode } from '../../src/core/connection-end.ts';
import { FrameType } from '../../src/core/frames.ts';
import { connectionStateTable } from '../../src/core/index.ts';
import { PacketType } from '../../src/core/packet.ts';
import { RejectCode } from '../../src/core/reject.ts';
import { ParameterId } from '../../src/core/transport-parameters.ts';
import { between } from '../support/document.ts';
import {
  stateDiagramMarkdown,
  stateDiagramMarkers,
  stateTableMarkdown,
  stateTableMarkers,
} from '../support/state-table.ts';

const specification = readFileSync(
  fileURLToPath(new URL('../../../../docs/spec/rudp.md', import.meta.url)),
  'utf8',
);

// RUDP-STATE-1
test('the specification shows the table that the code moves by', () => {
  // When this fails, paste the received text between the markers.
  expect(between(specification, stateTableMarkers).trim()).toBe(
    stateTableMarkdown(connectionStateTable).trim(),
  );
});

// RUDP-STATE-1
test('and draws it', () => {
  expect(between(specification, stateDiagramMarkers).trim()).toBe(stateDiagramMarkdown(connectionStateTable));
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
test('every state but the first two can be reached, and every one leads to closed', () => {
  const next = (state: string) =>
    Object.values(connectionStateTable[state as keyof typeof connectionStateTable]) as string[];
  const reachable = (from: readonly string[]): Set<string> => {
    const seen = new Set(from);
    for (const state of seen) for (const target of next(state)) seen.add(target);
    return seen;
  };
  expect(reachable(['syn-sent', 'syn-received'])).toEqual(new Set(Object.keys(connectionStateTable)));
  for (const state of Object.keys(connectionStateTable)) expect(reachable([state])).toContain('closed');
});
