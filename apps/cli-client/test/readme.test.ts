import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { commandUsage } from '../src/commands/definition.ts';
import { tokenize } from '../src/commands/tokens.ts';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { CHAT_COMMANDS } from '../src/interactive/chat-commands.ts';
import { SCREEN_HELP } from '../src/workspace/screen-keys.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the README lists the commands as /help does', () => {
  for (const command of CHAT_COMMANDS) {
    expect(readme).toContain(`\n${commandUsage(command).padEnd(39)}${command.summary}\n`);
  }
});

test('the README lists the keys of the full screen as /help does', () => {
  for (const [keys, words] of SCREEN_HELP) expect(readme).toContain(`\n${keys.padEnd(21)}${words}\n`);
});

test('the README and --help list the same exit codes', () => {
  const { text } = parseCommandLine(['--help'], '1.2.3') as { readonly text: string };
  for (const code of Object.values(EXIT_CODES)) {
    expect(readme).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
    expect(text).toMatch(new RegExp(`^ {2}${code}  `, 'm'));
  }
});

test('the command lines of the README are understood', () => {
  const lines = [...readme.matchAll(/^(?:parley|npm run client --|node apps\S+) ?([^|#\n]*)/gm)];
  expect(lines).toHaveLength(15);
  const types = lines.map(([, args = '']) => {
    const argv = tokenize(args).map((token) => token.value);
    return parseCommandLine(argv, '1.2.3').type;
  });
  expect(types).toEqual([
    'chat',
    'chat',
    'say',
    'tail',
    'users',
    'rooms',
    'files',
    'files',
    'get',
    'get',
    'put',
    'put',
    'put',
    'search',
    'doctor',
  ]);
});
