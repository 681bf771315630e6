import { expect, test } from 'vitest';
import { readFiles, readSources } from '../src/repository.ts';
import { findCitedRules, findStatedRules } from '../src/spec-rules.ts';

const stated = findStatedRules(readFiles('docs/spec', ['.md']));
// This package's own tests cite rules that do not exist, on purpose.
const sources = readSources().filter(({ path }) => !path.startsWith('tooling/tidy/'));
const cited = findCitedRules(sources, stated);

test('every rule of docs/spec is stated once', () => {
  expect(stated.filter((id, index) => stated.indexOf(id) !== index)).toEqual([]);
});

test('every rule of docs/spec is cited by a test', () => {
  const citedByTests = new Set(cited.filter(({ path }) => path.endsWith('.test.ts')).map(({ id }) => id));
  expect(stated.filter((id) => !citedByTests.has(id))).toEqual([]);
});

test('every rule that the code or a test cites exists in docs/spec', () => {
  // A family (RUDP, CHAT) counts from its first stated rule on.
  const families = new Set(stated.map((id) => id.slice(0, id.indexOf('-'))));
  const known = cited.filter(({ id }) => families.has(id.slice(0, id.indexOf('-'))));
  expect(known.filter(({ id }) => !stated.includes(id))).toEqual([]);
});

test('finds stated and cited rules', () => {
  const specification = {
    path: 'docs/spec/rudp.md',
    text: '**RUDP-ACK-3** A receiver …\n- **FILE-HASH-12**: …\n**bold** RUDP-ACK-4',
  };
  const rules = findStatedRules([specification]);
  expect(rules).toEqual(['RUDP-ACK-3', 'FILE-HASH-12']);
  const source = { path: 'a.ts', text: '// RUDP-ACK-3, FILE-HASH-9; SHA-X-1 is not ours\n' };
  expect(findCitedRules([source], rules).map(({ id }) => id)).toEqual(['RUDP-ACK-3', 'FILE-HASH-9']);
});
