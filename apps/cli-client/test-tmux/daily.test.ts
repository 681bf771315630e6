import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Den } from './support/den.ts';

let den: Den;

beforeAll(async () => {
  den = await Den.open({ 'notes.txt': new Uint8Array(1_200).fill(3) });
});

afterAll(() => den?.close());

/** A home of its own, in which nobody has been. */
function freshHome(name: string) {
  const home = join(den.folder, name);
  mkdirSync(home);
  return { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
}

describe('the first start', () => {
  test('asks for server and nickname, and the next one asks nothing', async () => {
    const home = freshHome('new-home');
    const shell = await den.shell(home);
    shell.enter(den.startCommand());
    await shell.sees('its name or address');
    shell.enter('no address!');
    await shell.sees(/✗ │ "no address!" is no address like/);
    shell.enter(den.address);
    await shell.sees('nickname:');
    shell.enter('two words');
    await shell.sees(/✗ │ a nickname has only letters/);
    shell.enter('fern');
    await shell.sees('you are fern in lobby');
    await shell.sees('"parley" brings you');
    const profile = readFileSync(join(home.XDG_CONFIG_HOME, 'parley', 'profiles', 'default.json'), 'utf8');
    expect(JSON.parse(profile)).toEqual({ server: den.address, nick: 'fern' });
    shell.enter('/quit');
    await shell.sees(/shell: *\n*$/);
    shell.enter(`clear; ${den.startCommand()}`);
    const screen = await shell.sees('you are fern in lobby');
    expect(screen).not.toContain('its name or address');
    shell.enter('/quit');
    await shell.sees(/shell: *\n*$/);
  });

  test('a link leads into its room', async () => {
    const owner = await den.sit('owner');
    owner.enter('/create attic');
    await owner.sees(/^ attic/m);
    const shell = await den.shell(freshHome('guest-home'));
    shell.enter(den.startCommand(`--nick guest parley://${den.address}/attic`));
    await shell.sees(/^ attic/m);
    await owner.sees('guest joined');
    for (const pane of [owner, shell]) pane.enter('/quit');
  });
});

test('looks back beyond what the server sent first, and forward again', async () => {
  const robot = await den.shell();
  // Lines from a pipe are said at the pace that the server allows.
  robot.enter(`clear; seq -f 'number %g' 90 | ${den.clientCommand('lena')} > /dev/null; echo "said: $?"`);
  await robot.sees('said: 0');
  const lars = await den.sit('lars', { columns: 80, rows: 16 });
  await lars.sees('lena │ number 90');
  for (let turn = 0; turn < 40 && !/lena │ number 1 *$/m.test(lars.screen()); turn += 1) {
    const before = lars.screen();
    lars.press('PPage');
    await lars.until((screen) => screen !== before, 'the page to turn');
  }
  await lars.sees(/lena │ number 1 *$/m);
  expect(lars.screen()).toContain('looking back');
  const say = den.scriptCommand('say', '"one more" --nick lena');
  robot.enter(`clear; ${say}; echo "more: $?"`);
  // What is read does not move.
  await lars.sees('looking back, 1 new');
  expect(lars.screen()).toMatch(/lena │ number 1 *$/m);
  lars.press('C-End');
  await lars.sees('lena │ one more');
  lars.enter('/quit');
});

test('copy mode shows texts and nothing beside them', async () => {
  const ann = await den.sit('cora', { columns: 120, rows: 24 });
  ann.enter('to be copied');
  await ann.sees(/│ to be copied/);
  ann.press('M-c');
  const screen = await ann.sees('copy mode: Esc');
  expect(screen).toMatch(/cora {3}to be copied *$/m);
  expect(screen).not.toContain('│');
  ann.press('Escape');
  await ann.sees(/│ to be copied .*│/);
  ann.enter('/quit');
});

test('links, bells and notices of the desktop are written as terminals understand them', async () => {
  const file = join(den.folder, 'written');
  const shell = await den.shell({ TMUX: '', TERM_PROGRAM: 'WezTerm' });
  shell.record(file);
  shell.enter(`TMUX= TERM_PROGRAM=WezTerm ${den.clientCommand('bella')}`);
  await shell.sees('you are bella in lobby');
  const bob = await den.sit('boris');
  bob.enter('bella: in sight, at https://builds.example/4711.');
  await shell.sees('4711');
  const inSight = readFileSync(file, 'utf8').replaceAll('\u001b', '␛').replaceAll('\u0007', '␇');
  expect(inSight).toContain('␛]8;;https://builds.example/4711␛\\');
  expect(inSight).not.toContain('␇');
  shell.enter('/create elsewhere');
  await shell.sees(/^ elsewhere/m);
  bob.enter('bella: out of sight');
  await shell.sees(/1 lobby +1 @1/);
  const written = () => readFileSync(file, 'utf8').replaceAll('\u001b', '␛').replaceAll('\u0007', '␇');
  await shell.until(() => written().includes('␇␛]9;boris in lobby: bella: out of sight␛\\'), 'the bell');
  shell.press('M-m');
  await shell.sees('bella: out of sight');
  for (const pane of [shell, bob]) pane.enter('/quit');
});

test('what a command could not do is in sight while one looks back', async () => {
  const ann = await den.sit('wanda');
  for (let index = 1; index <= 40; index += 1) ann.enter(`row ${index}`);
  await ann.sees('row 40');
  await ann.until((screen) => !/not sent yet/.test(screen), 'all to be sent');
  ann.press('PPage');
  await ann.sees('looking back');
  ann.enter('/join nowhere');
  await ann.sees('✗ there is no room nowhere: /create nowhere makes one');
  ann.press('C-End');
  await ann.sees(/✗ │ there is no room nowhere/);
  ann.enter('/quit');
});

test('a file goes to one user alone, who takes it', async () => {
  const [ann, bob] = [await den.sit('anton'), await den.sit('berta')];
  writeFileSync(join(den.downloads, 'letter.txt'), 'for bob alone');
  ann.enter('/send berta letter.txt');
  await bob.sees(/2 @anton +1 @1/);
  bob.press('M-m');
  await bob.sees(/anton │ sends letter\.txt, 13 B: \/accept/);
  bob.enter('/accept to taken.txt');
  await bob.sees(/✓ │ download 1: .*taken\.txt/);
  expect(readFileSync(join(den.downloads, 'taken.txt'), 'utf8')).toBe('for bob alone');
  for (const pane of [ann, bob]) pane.enter('/quit');
});

test('scripts talk with people, and show progress to nobody who reads lines', async () => {
  const ann = await den.sit('sally');
  const shell = await den.shell();
  const file = join(den.folder, 'fetched');
  shell.enter(`clear; echo 'from a pipe' | ${den.scriptCommand('say', '- --nick robot')}; echo "said $?"`);
  await ann.sees('robot │ from a pipe');
  await shell.sees('said 0');
  const get = den.scriptCommand('get', `notes.txt --to - --nick robot`);
  shell.enter(`clear; ${get} > ${file} 2> ${file}.stderr; echo "fetched $?"`);
  await shell.sees('fetched 0');
  expect(readFileSync(file)).toEqual(Buffer.alloc(1_200, 3));
  expect(readFileSync(`${file}.stderr`, 'utf8')).toBe('');
  shell.enter(`clear; ${den.scriptCommand('get', 'nothing --nick robot')}; echo "nothing $?"`);
  expect(await shell.sees('nothing 5')).toContain('parley: no shared file is called nothing');
  expect(existsSync(join(den.downloads, 'nothing'))).toBe(false);
  for (const pane of [ann, shell]) pane.enter(pane === ann ? '/quit' : 'exit');
});
