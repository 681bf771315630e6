import { expect, test } from 'vitest';
import { readSources } from '../src/repository.ts';
import { findEnvironmentReads, findLongFiles, findUnfinishedMarks } from '../src/source-files.ts';

/** Files that may be longer than 400 lines, each with its reason. The list should only shrink. */
const longFileExceptions: Record<string, string> = {};

const sources = readSources();

test('no source file is longer than 400 lines', () => {
  expect(findLongFiles(sources, longFileExceptions)).toEqual([]);
});

test('no source file promises work for later', () => {
  expect(findUnfinishedMarks(sources.filter(({ path }) => !path.startsWith('tooling/tidy/')))).toEqual([]);
});

test('only programs read the environment', () => {
  expect(findEnvironmentReads(sources)).toEqual([]);
});

test('400 lines pass and 401 do not, unless listed', () => {
  const path = 'packages/rudp/src/core/connection.ts';
  const fits = { path, text: 'x\n'.repeat(400) };
  const tooLong = { path, text: 'x\n'.repeat(401) };
  expect(findLongFiles([fits], {})).toEqual([]);
  expect(findLongFiles([tooLong], {})).toEqual([expect.stringContaining('has 401 lines')]);
  expect(findLongFiles([tooLong], { [path]: 'one table' })).toEqual([]);
  expect(findLongFiles([fits], { [path]: 'one table' })).toEqual([expect.stringContaining('no exception')]);
});

test('finds marks of unfinished work and reads of the environment', () => {
  const file = { path: 'packages/rudp/src/a.ts', text: 'ok\n// TODO later\nprocess.env.HOME\n' };
  expect(findUnfinishedMarks([file])).toEqual(['packages/rudp/src/a.ts:2: // TODO later']);
  expect(findEnvironmentReads([file])).toEqual([file.path]);
});
