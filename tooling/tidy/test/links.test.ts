import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findBrokenLinks, findLostFiles } from '../src/links.ts';
import { readFiles } from '../src/repository.ts';

const documents = readFiles('.', ['.md']).filter(({ path }) => !path.endsWith('CHANGELOG.md'));

test('every link to a file or heading of this repository leads there', () => {
  const exists = (path: string) => existsSync(new URL(`../../../${path}`, import.meta.url));
  expect(findBrokenLinks(documents, exists)).toEqual([]);
});

test('every file of code that a document names is there', () => {
  const paths = readFiles('.', ['.ts', '.mjs']).map(({ path }) => path);
  expect(findLostFiles(documents, paths)).toEqual([]);
});

test('finds names of files that are not there', () => {
  const text =
    'See `b.ts`, `src/b.ts`, `../a/src/b.ts`, `c.ts`, `lib/b.ts`, `*.test.ts` and `b.tsx`.\n```\n`d.ts`\n```';
  const lost = findLostFiles([{ path: 'docs/a.md', text }], ['packages/a/src/b.ts']);
  expect(lost).toEqual(['docs/a.md: c.ts', 'docs/a.md: lib/b.ts']);
});

test('finds links that lead nowhere', () => {
  const text = [
    '# Two Words: `code`',
    '[a](b.md) [b](../c.md "title") [c](#two-words-code) [d](https://example.org/x.md)',
    '[e](#nowhere) [f](absent.md) [g](b.md#absent) `[h](code.md)`',
    '```\n[i](fence.md)\n```',
  ].join('\n');
  const files = new Set(['docs/a.md', 'docs/b.md', 'c.md']);
  const broken = findBrokenLinks(
    [
      { path: 'docs/a.md', text },
      { path: 'docs/b.md', text: '# B\n' },
    ],
    (path) => files.has(path),
  );
  expect(broken).toEqual(['docs/a.md: #nowhere', 'docs/a.md: absent.md', 'docs/a.md: b.md#absent']);
});
