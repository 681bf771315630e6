import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { commandUsage } from '../src/commands/definition.ts';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { CHAT_COMMANDS } from '../src/interactive/chat-commands.ts';

function printed(...argv: string[]): string {
  const result = parseCommandLine(argv, '1.2.3');
  if (result.type !== 'output' || result.isError) throw new Error(`parley ${argv.join(' ')} printed nothing`);
  return result.text;
}

const COMMANDS = [
  'say',
  'get',
  'put',
  'send',
  'users',
  'rooms',
  'files',
  'tail',
  'search',
  'doctor',
  'completion',
  'man',
];

describe('the completions', () => {
  test.each(['bash', 'zsh', 'fish'])('for %s know every command and option', (shell) => {
    const script = printed('completion', shell);
    for (const word of [...COMMANDS, 'fingerprint', 'insecure', 'theme', 'since', 'portable', 'mentions']) {
      expect(script).toContain(word);
    }
    const check = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    // A shell that is not installed cannot check.
    if (check.error === undefined)
      expect({ status: check.status, stderr: check.stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('for bash complete', () => {
    const ask = (line: string) => {
      const words = line.split(' ');
      const script = `${printed('completion', 'bash')}
COMP_WORDS=(${words.map((word) => `"${word}"`).join(' ')}); COMP_CWORD=${words.length - 1}
_parley; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
    };
    expect(ask('parley ta')).toBe('tail');
    expect(ask('parley tail host --si')).toBe('--since');
    expect(ask('parley --theme l')).toBe('light');
    expect(ask('parley completion f')).toBe('fish');
  });
});

describe('the man page', () => {
  test('has every command, exit code and key', () => {
    const page = printed('man').replaceAll('\\-', '-');
    for (const name of COMMANDS) expect(page).toContain(`.SS ${name}\n`);
    for (const command of CHAT_COMMANDS) expect(page).toContain(`.B ${commandUsage(command)}\n`);
    for (const code of Object.values(EXIT_CODES)) expect(page).toContain(`.B ${code}\n`);
    expect(page).toContain('.B Alt-A\n');
  });

  test('has no line that roff would take for an order', () => {
    for (const line of printed('man').split('\n')) {
      if (/^[.']/.test(line)) expect(line).toMatch(/^\.(?:TH|SH|SS|TP|B|I|br)\b/);
    }
  });
});
