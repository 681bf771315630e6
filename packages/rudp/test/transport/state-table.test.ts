import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { connectionStateTable } from '../../src/core/index.ts';
import { between, stateTableMarkdown, stateTableMarkers } from '../support/state-table.ts';

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
