import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Den } from './support/den.ts';

const FILES = Array.from({ length: 200 }, (_, index) => `part-${String(index + 1).padStart(3, '0')}.dat`);

let den: Den;

beforeAll(async () => {
  const many = FILES.map((name, index) => [name, new Uint8Array(20_000 + index).fill(index)] as const);
  den = await Den.open(
    Object.fromEntries([...many, ['holiday photos.zip', new Uint8Array(9_000)]]),
    80_000_000,
  );
});

afterAll(() => den?.close());

test('Ctrl-R finds what was entered before, and Enter says it', async () => {
  const ann = await den.sit('ann');
  ann.enter('the kettle is on');
  ann.enter('something else');
  await ann.sees('something else');
  ann.press('C-r');
  ann.type('kett');
  await ann.sees('(entered before: "kett") the kettle is on');
  ann.press('Enter');
  await ann.until((screen) => screen.match(/ann │ the kettle is on/g)?.length === 2, 'the line, twice');
  ann.enter('/quit');
});

test('Tab goes through what a word may become', async () => {
  const ann = await den.sit('ann');
  ann.type('/get part-00');
  ann.press('Tab');
  await ann.sees('part-001.dat  part-002.dat');
  ann.press('Tab', 'Tab');
  await ann.sees('> /get part-002.dat');
  ann.press('BTab');
  await ann.sees('> /get part-001.dat');
  ann.press('C-u');
  ann.type(':sunf');
  ann.press('Tab');
  await ann.sees('> 🌻');
  ann.press('C-u');
  ann.enter('/quit');
});

describe('lists', () => {
  test('are narrowed by typing, and left with Escape', async () => {
    const ann = await den.sit('ann');
    ann.enter('/files');
    await ann.sees(/ 201 files, .* 1 of 201/);
    ann.type('photos');
    await ann.sees(/with photos +1 of 1/);
    ann.press('Enter');
    await ann.sees(/✓ │ download 1: ~\/Downloads\/holiday/);
    ann.enter('/help');
    await ann.sees('commands and keys');
    ann.type('kick');
    await ann.sees('> ' + '  /kick NICK');
    ann.press('Enter');
    await ann.sees(/^> \/kick *$/m);
    ann.press('C-u');
    ann.enter('/quit');
  });

  test('two hundred downloads are one line in the room, and a list that is always up to date', async () => {
    const ann = await den.sit('ann', { columns: 100, rows: 30 });
    for (const name of FILES) ann.enter(`/get ${name}`);
    await ann.sees(/\+ \d+ more transfers \(.*\d+ waiting.*\): \/transfers/);
    ann.enter('/transfers');
    await ann.sees(/200 transfers, \d+ open/);
    const screen = await ann.sees('200 transfers, all over');
    expect(screen).toMatch(/> +1 +done +100%/);
    ann.press('Escape');
    // What was said meanwhile, such as that UDP is blocked, begins another line.
    await ann.sees(/✓ │ \d+ downloads done/);
    ann.enter('/quit');
  });
});

test('what is new is gone to, where it begins', async () => {
  const [ann, bob] = [await den.sit('ann'), await den.sit('bob')];
  bob.enter('/create den');
  await bob.sees(/^ den/m);
  ann.enter('/join den');
  await ann.sees(/^ den/m);
  ann.press('M-1');
  await ann.sees(/^ lobby/m);
  for (let index = 1; index <= 30; index += 1) bob.enter(`number ${index}`);
  bob.enter('ann: this is the end');
  await ann.sees(/2 den +31 @1/);
  ann.press('M-a');
  await ann.sees('ann: this is the end');
  ann.press('M-a');
  await ann.sees(/ new ─+\n.*bob │ number 1$/m);
  await ann.sees('looking back');
  for (const pane of [ann, bob]) pane.enter('/quit');
});

test('what a search found is gone to, and marked', async () => {
  const ann = await den.sit('ann');
  ann.enter('a needle');
  for (let index = 1; index <= 60; index += 1) ann.enter(`hay ${index}`);
  await ann.sees('hay 60');
  ann.enter('/search needle');
  await ann.sees(/1 found for needle/);
  ann.press('Enter');
  await ann.sees(/ann │ a needle/);
  await ann.sees('ann │ hay 2');
  ann.press('C-End');
  await ann.sees('hay 60');
  ann.enter('/quit');
});

describe('colours', () => {
  test.each([
    ['as many as there are', { COLORTERM: 'truecolor' }, /38;2;\d+;\d+;\d+/],
    ['256', { TERM: 'xterm-256color' }, /38;5;\d+/],
    ['sixteen', { TERM: 'linux' }, /\[(?:\d;)?(?:3\d|9\d)/],
  ])('%s', async (_, variables, wanted) => {
    const shell = await den.shell();
    const settings = Object.entries({ COLORTERM: '', TMUX: '', ...variables }).map(
      ([name, value]) => `${name}=${value}`,
    );
    shell.enter(`env ${settings.join(' ')} ${den.clientCommand('painter')}`);
    await shell.sees('you are painter');
    expect(shell.screen({ hasColors: true }).replaceAll('\u001b', '')).toMatch(wanted);
    shell.enter('/quit');
    await shell.sees(/shell: *\n*$/);
  });
});
