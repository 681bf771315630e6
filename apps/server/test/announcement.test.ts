import { expect, test } from 'vitest';
import { historyLine, joinLines, readyLine } from '../src/announcement.ts';
import { readCommand } from '../src/config.ts';

function config(env: Record<string, string> = {}) {
  const command = readCommand({ argv: [], env, cwd: '/' });
  if (command.type !== 'serve') throw new Error('expected to serve');
  return command.config;
}

const at = (host: string, port: number) => ({ tcp: { host, port }, udp: { host, port: port + 1 } });

test('the ready line has both addresses', () => {
  expect(readyLine(at('127.0.0.1', 4_000))).toBe('listening tcp=127.0.0.1:4000 udp=127.0.0.1:4001');
  expect(readyLine(at('::1', 4_000))).toBe('listening tcp=[::1]:4000 udp=[::1]:4001');
});

test('people are told what to type, here and elsewhere', () => {
  const npm = config({ npm_lifecycle_event: 'start' });
  expect(joinLines(npm, at('0.0.0.0', 4_000), ['192.0.2.7', '198.51.100.7'])).toEqual([
    'join from this machine with:   npm run client -- localhost:4000',
    'join from other machines with: npm run client -- 192.0.2.7:4000',
  ]);
  expect(joinLines(npm, at('::', 4_000), [])).toEqual([
    'join from this machine with:   npm run client -- localhost:4000',
  ]);
  expect(joinLines(config(), at('::1', 4_000), ['192.0.2.7'])).toEqual([
    'join with:                     parley [::1]:4000',
  ]);
});

test('people are told where it is kept what they say', () => {
  expect(historyLine(config({ PARLEY_DATA: '/d' }))).toBe(
    'what is said is kept in:       /d/history.sqlite3',
  );
  expect(historyLine(config({ PARLEY_HISTORY: 'memory' }))).toBe(
    'what is said is kept in:       memory, until the server ends',
  );
});
