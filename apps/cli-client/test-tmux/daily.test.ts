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

test('looks back to the first message that the server keeps, and forward again', async () => {
  const ann = await den.sit('lena', { columns: 80, rows: 30 });
  ann.enter('/create long');
  await ann.sees(/^ long/m);
  for (let index = 1; index <= 300; index += 1) {
    ann.enter(`number ${index}`);
    // No more at a time than may wait for the server.
    if (index % 50 === 0) await ann.until((screen) => !/not sent yet/.test(screen), 'all to be sent');
  }
  const bob = await den.sit('lars', { columns: 80, rows: 30 });
  bob.enter('/join long');
  await bob.sees('lena │ number 300');
  for (let turn = 0; turn < 40 && !/lena │ number 1 *$/m.test(bob.screen()); turn += 1) {
    const before = bob.screen();
    bob.press('PPage');
    await bob.until((screen) => screen !== before, 'the page to turn');
  }
  await bob.sees(/lena │ number 1 *$/m);
  expect(bob.screen()).toContain('looking back');
  ann.enter('one more');
  // What is read does not move.
  await bob.sees('1 new');
  await bob.sees(/lena │ number 1 *$/m);
  bob.press('C-End');
  await bob.sees('lena │ one more');
  for (const pane of [ann, bob]) pane.enter('/quit');
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
