import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Den } from './support/den.ts';
import type { Pane } from './support/tmux.ts';

let den: Den;

beforeAll(async () => {
  den = await Den.open({ 'big.bin': new Uint8Array(6_000_000).fill(7) });
});

afterAll(() => den?.close());

/** The texts of messages of somebody on a screen, whatever stands around them. */
const saidBy = (screen: string, nickname: string) =>
  [...screen.matchAll(new RegExp(`${nickname} │ ([^│\\n]*?) *(?:│.*)?$`, 'gm'))].map(([, text]) => text);

describe('two people', () => {
  test('chat, each in front of a screen of another size', async () => {
    const ann = await den.sit('ann', { columns: 80, rows: 24 });
    const bob = await den.sit('bob', { columns: 200, rows: 60 });
    await ann.sees('bob joined');
    ann.enter('hello bob 👋 日本語');
    await bob.sees('hello bob 👋 日本語');
    bob.enter('hello ann');
    const screen = await ann.sees('bob ┃ hello ann');
    expect(saidBy(screen, 'ann')).toEqual(['hello bob 👋 日本語']);
    expect(screen.split('\n')[0]).toMatch(/^ lobby/);
    // Users have a panel where there is room.
    expect(bob.screen()).toMatch(/│2 here/);
    expect(screen).not.toMatch(/│2 here/);
    for (const pane of [ann, bob]) pane.enter('/quit');
  });

  test('resize in the middle of a message, which stays as it was', async () => {
    const ann = await den.sit('ann');
    const bob = await den.sit('bob');
    ann.type('a sentence that is not');
    for (const [columns, rows] of [
      [40, 12],
      [120, 40],
      [20, 6],
      [200, 60],
      [80, 24],
    ] as const) {
      ann.resize(columns, rows);
      bob.enter(`at ${columns} columns`);
      await ann.until((screen) => {
        const lines = screen.trimEnd().split('\n');
        return (
          screen.includes('a sentence') &&
          lines.length === rows &&
          lines.every((line) => line.length <= columns)
        );
      }, `a screen of ${columns} columns`);
    }
    await ann.sees('> a sentence that is not');
    ann.enter(' finished');
    await bob.sees('ann │ a sentence that is not finished');
    for (const pane of [ann, bob]) pane.enter('/quit');
  });

  test('paste: several lines are one message, after a second Enter', async () => {
    const ann = await den.sit('ann');
    const bob = await den.sit('bob');
    ann.paste('first line\nsecond line\nthird line');
    await ann.sees('third line');
    ann.press('Enter');
    await ann.sees('Enter again sends 3 lines as one message');
    expect(bob.screen()).not.toContain('first line');
    ann.press('Enter');
    await bob.sees(/ann │ first line *\n.*│ second line *\n.*│ third line/);
    for (const pane of [ann, bob]) pane.enter('/quit');
  });

  test('fetch a file, with a pause', async () => {
    const ann = await den.sit('ann', { columns: 120 });
    ann.enter('/get big.bin to copy.bin');
    await ann.sees(/↓1 big\.bin .*\d+%.*[kM]B\/s {2}ETA/);
    ann.enter('/pause 1');
    await ann.sees(/↓1 big\.bin .*paused/);
    ann.enter('/resume');
    await ann.sees(/✓ │ download 1: .*copy\.bin/);
    expect(readdirSync(den.downloads)).toEqual(['copy.bin']);
    ann.enter('/quit');
  });
});

test('put a file, with a pause', async () => {
  const [ann, bob] = [await den.sit('ann', { columns: 120 }), await den.sit('bob', { columns: 120 })];
  writeFileSync(join(den.downloads, 'mine.bin'), new Uint8Array(5_000_000).fill(9));
  ann.enter('/put mine.bin as shared.bin');
  await ann.sees(/↑1 shared\.bin .*\d+%.*[kM]B\/s {2}ETA/);
  ann.enter('/pause 1');
  await ann.sees(/↑1 shared\.bin .*paused/);
  ann.enter('/resume');
  await ann.sees(/✓ │ upload 1: shared\.bin, 5\.0 MB/);
  await bob.sees(/ann │ has uploaded shared\.bin, 5\.0 MB: \/get/);
  bob.enter('/get shared.bin to copied.bin');
  await bob.sees(/✓ │ download 1: ~\/Downloads\/copied\.bin/);
  expect(readFileSync(join(den.downloads, 'copied.bin'))).toEqual(
    readFileSync(join(den.downloads, 'mine.bin')),
  );
  for (const pane of [ann, bob]) pane.enter('/quit');
});

test('a server that dies and comes back loses nothing that was typed', async () => {
  const ann = await den.sit('ann');
  const bob = await den.sit('bob');
  await den.killServer();
  await ann.sees(/cut off, (?:again in|trying now)/);
  ann.enter('said while it was away');
  ann.type('half a line');
  await ann.sees('1 not sent yet');
  await den.startServer();
  await bob.sees('said while it was away');
  const screen = await ann.until((now) => !/not sent|cut off/.test(now), 'everything to be sent');
  expect(saidBy(screen, 'ann').filter((text) => text === 'said while it was away')).toHaveLength(1);
  expect(screen).toContain('> half a line');
  for (const pane of [ann, bob]) pane.press('C-u');
  for (const pane of [ann, bob]) pane.enter('/quit');
});

/** The client in a shell; `pid` is its process. */
async function started(nickname: string, env: Readonly<Record<string, string>> = {}) {
  const shell = await den.shell(env);
  const file = join(den.folder, `${nickname}.pid`);
  shell.enter(`(echo $BASHPID > ${file}; exec ${den.clientCommand(nickname)})`);
  await shell.sees(`you are ${nickname}`);
  expect(shell.flag('alternate_on')).toBe('1');
  return { shell, pid: Number(readFileSync(file, 'utf8')) };
}

test('what was typed survives a client that is killed', async () => {
  const { shell, pid } = await started('eve');
  shell.type('half a thought');
  const states = join(den.folder, 'home', 'parley');
  const isKept = () => {
    const name = existsSync(states) && readdirSync(states).find((one) => one.startsWith('eve%40'));
    return name ? readFileSync(join(states, name), 'utf8').includes('half a thought') : false;
  };
  await shell.until(isKept, 'the draft to be kept');
  process.kill(pid, 'SIGKILL');
  await shell.sees('Killed');
  const again = await den.sit('eve');
  await again.sees('> half a thought');
  again.press('C-u');
  again.enter('/quit');
});

describe('the terminal is left as it was', () => {
  /** What a shell sees of its terminal. */
  async function expectClean(shell: Pane): Promise<void> {
    await shell.sees(/shell: *\n*$/);
    expect(shell.flag('alternate_on')).toBe('0');
    expect(shell.flag('cursor_flag')).toBe('1');
    expect(shell.flag('wrap_flag')).toBe('1');
    shell.enter('clear; stty -a | tr ";" "\\n"; echo $((40 + 2))');
    const settings = await shell.sees('42');
    expect(settings).toMatch(/(?<!-)\bicanon\b/);
    expect(settings).toMatch(/(?<!-)\becho\b/);
  }

  test('by /quit', async () => {
    const { shell } = await started('quitter');
    shell.enter('/quit');
    await expectClean(shell);
  });

  test('by Ctrl-C twice', async () => {
    const { shell } = await started('breaker');
    shell.press('C-c');
    await shell.sees('Ctrl-C again to leave');
    shell.press('C-c');
    await expectClean(shell);
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('by %s', async (signal) => {
    const { shell, pid } = await started(signal.toLowerCase());
    process.kill(pid, signal);
    await expectClean(shell);
  });

  test('by a crash', async () => {
    const crash = join(den.folder, 'crash.mjs');
    writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('crash'); });\n");
    const { shell, pid } = await started('crasher', { NODE_OPTIONS: `--import=${crash}` });
    process.kill(pid, 'SIGUSR2');
    await shell.sees('Error: crash');
    await expectClean(shell);
  });

  test('by Ctrl-Z, and it is taken again by fg', async () => {
    const { shell } = await started('sleeper');
    shell.type('half a line');
    await shell.sees('> half a line');
    shell.press('C-z');
    await shell.sees('Stopped');
    await expectClean(shell);
    shell.enter('fg');
    await shell.sees('> half a line');
    expect(shell.flag('alternate_on')).toBe('1');
    shell.press('C-u');
    shell.enter('/quit');
    await expectClean(shell);
  });
});

describe('other terminals', () => {
  test.each(['xterm-256color', 'screen-256color', 'linux'])('TERM=%s has a full screen', async (term) => {
    const shell = await den.shell({ TERM: term });
    shell.enter(`TERM=${term} ${den.clientCommand('someone')}`);
    const screen = await shell.sees('you are someone');
    expect(screen).toMatch(/1 lobby/);
    shell.enter('/quit');
    await shell.sees(/shell: *\n*$/);
  });

  test('TERM=dumb has plain lines', async () => {
    const shell = await den.shell();
    shell.enter(`TERM=dumb ${den.clientCommand('someone')}`);
    await shell.sees(/\d\d:\d\d . you are someone/);
    expect(shell.flag('alternate_on')).toBe('0');
    shell.enter('/quit');
  });

  test('--inline leaves what was said in the history of the terminal', async () => {
    const shell = await den.shell();
    shell.enter(den.clientCommand('inliner', '--inline'));
    await shell.sees('you are inliner');
    shell.enter('to be remembered');
    await shell.sees('<inliner> to be remembered');
    shell.enter('/quit');
    const screen = await shell.sees(/shell: *\n*$/);
    expect(screen).toContain('<inliner> to be remembered');
  });

  test('NO_COLOR has no colours', async () => {
    const shell = await den.shell({ NO_COLOR: '1' });
    shell.enter(den.clientCommand('grey'));
    await shell.sees('you are grey');
    const colors = /\[[\d;]*(?:3[0-8]|4[0-8]|9[0-7])(?:;[\d;]*)?m/;
    expect(shell.screen({ hasColors: true }).replaceAll('\u001b', 'ESC')).not.toMatch(colors);
    shell.enter('/quit');
  });
});
