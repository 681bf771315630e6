import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KeptState, StateKeeper } from '../src/profile/kept-state.ts';
import { type Person, TestRoom } from './support/test-room.ts';

let room: TestRoom;

beforeEach(async () => {
  room = await TestRoom.open({ 'notes.txt': 'ten bytes.', 'my file.txt': 'spaces' });
});

afterEach(() => room.close());

const ESC = '\u001b';
const CTRL_R = '\u0012';
const PAGE_UP = `${ESC}[5~`;
const alt = (key: string) => ESC + key;

async function atScreen(nickname: string): Promise<Person> {
  const person = room.enter({ nickname, isFullScreen: true, columns: 100, rows: 24 });
  await person.sees(`you are ${nickname} in lobby`);
  return person;
}

/** Says lines, no more at a time than may wait for the server. */
async function said(person: Person, lines: readonly string[]): Promise<void> {
  for (let index = 0; index < lines.length; index += 50) {
    const some = lines.slice(index, index + 50);
    for (const line of some) person.enter(line);
    await person.sees(`${some.at(-1)}`);
    await person.screen.until(
      () => !person.screen.lines.join('\n').includes('not sent yet'),
      'for all to be sent',
    );
  }
}

describe('on a full screen', () => {
  test('people talk, and what is typed is left alone', async () => {
    const [ann, bob] = [await atScreen('ann'), await atScreen('bob')];
    await ann.sees('bob joined');
    ann.type('half a sent');
    bob.enter('hello ann');
    await ann.sees('bob # hello ann');
    expect(ann.screen.inputLine).toBe('> half a sent|');
    ann.type('ence\r');
    await bob.sees('ann | half a sentence');
  });

  test('each room has its page and its draft, and says what waits in it', async () => {
    const [ann, bob] = [await atScreen('ann'), await atScreen('bob')];
    bob.enter('/create den');
    await bob.sees(/^ den/m);
    ann.enter('/join den');
    await ann.sees(/^ den/m);
    ann.type('for the den');
    ann.type(alt('1'));
    await ann.sees(/^ lobby/m);
    expect(ann.screen.inputLine).toBe('> |');
    bob.enter('are you here, ann?');
    await ann.sees(/2 den +1 @1\|/);
    ann.type(alt('m'));
    await ann.sees('bob # are you here, ann?');
    expect(ann.screen.inputLine).toBe('> for the den|');
    await ann.sees(/2 den +\|/);
  });

  // CHAT-READ-1
  test('what came into a conversation while somebody was away waits there, until it is read', async () => {
    const [ann, bob] = [await atScreen('ann'), await atScreen('bob')];
    await ann.makeAccount();
    ann.enter('/msg bob before');
    await bob.sees(/2 @ann +1 @1\|/);
    ann.enter('/quit');
    await ann.result;
    for (const text of ['one', 'two']) bob.enter(`/msg ann ${text}`);
    bob.type(alt('2'));
    await bob.sees('bob | two');
    const comeBack = async () => {
      const person = room.enter({ nickname: 'ann', isFullScreen: true, columns: 100, rows: 24 });
      await person.sees('password of ann');
      person.enter('all hands');
      await person.sees('you are ann in lobby');
      return person;
    };
    const again = await comeBack();
    await again.sees(/2 @bob +2 @2\|/);
    again.type(alt('2'));
    await again.sees(/2 @bob +\|/);
    again.enter('/quit');
    await again.result;
    const third = await comeBack();
    bob.enter('/msg ann three');
    await third.sees(/2 @bob +1 @1\|/);
  });

  test('a search through what was entered ends where another room is gone to, and is no draft', async () => {
    const ann = await atScreen('ann');
    ann.enter('/create den');
    await ann.sees(/^ den/m);
    ann.type('for the den');
    ann.type(`${CTRL_R}crea`);
    await ann.sees('(entered before: "crea") /create den');
    ann.type(alt('1'));
    await ann.sees(/^ lobby/m);
    expect(ann.screen.inputLine).toBe('> |');
    ann.type('den');
    await ann.screen.settle();
    expect(ann.screen.inputLine).toBe('> den|');
    ann.type(alt('2'));
    await ann.sees(/^ den/m);
    expect(ann.screen.inputLine).toBe('> for the den|');
  });

  test('what was entered before a room was left goes to that room, however fast the keys come', async () => {
    const ann = await atScreen('ann');
    ann.enter('/create den');
    await ann.sees(/^ den/m);
    ann.type(`one\rtwo\r${alt('1')}three\rfour\r${alt('2')}five\r`);
    await ann.sees('ann | five');
    const den = [...ann.screen.lines.join('\n').matchAll(/ann \| (\w+)/g)].map(([, text]) => text);
    expect(den).toEqual(['one', 'two', 'five']);
    ann.type(alt('1'));
    await ann.sees('ann | four');
    const lobby = [...ann.screen.lines.join('\n').matchAll(/ann \| (\w+)/g)].map(([, text]) => text);
    expect(lobby).toEqual(['three', 'four']);
  });

  test('a room is filled with what was said before, and PageUp shows all of it', async () => {
    const ann = await atScreen('ann');
    await said(
      ann,
      Array.from({ length: 150 }, (_, index) => `line ${index + 1}`),
    );
    const bob = await atScreen('bob');
    await bob.sees('ann | line 150');
    const seen = new Set<string>();
    const look = () => {
      for (const [, line] of bob.screen.lines.join('\n').matchAll(/ann \| (line \d+)/g)) seen.add(line ?? '');
    };
    await bob.screen.until(() => {
      look();
      bob.type(PAGE_UP);
      return seen.size === 150;
    }, 'for all lines');
  });

  test('a pasted text of several lines is sent after a second Enter, as one message', async () => {
    const [ann, bob] = [await atScreen('ann'), await atScreen('bob')];
    ann.type(`${ESC}[200~first\nsecond${ESC}[201~\r`);
    await ann.sees('Enter again sends 2 lines as one message');
    expect(ann.screen.inputLine).toBe('  second|');
    ann.type('\r');
    await bob.sees(/ann \| first *\|.*\n.* \| second/);
  });

  test('files are a list to choose from', async () => {
    const ann = await atScreen('ann');
    ann.enter('/files');
    await ann.sees('Enter downloads');
    ann.type(`${ESC}[B\r`);
    await ann.screen.until(() => room.downloads.length === 1, 'for the download');
    await ann.sees(/v1 notes\.txt/);
  });

  test('in a line that is typed below a list, Alt moves by words', async () => {
    const ann = await atScreen('ann');
    ann.enter('/files');
    await ann.sees('Enter downloads');
    ann.type(`/msg bob${alt('b')}`);
    await ann.screen.settle();
    expect(ann.screen.inputLine).toBe('> /msg |bob');
    await ann.sees('Enter downloads');
  });

  test('a key right behind the Escape that closes a list is that key', async () => {
    const ann = await atScreen('ann');
    ann.enter('said before');
    await ann.sees('ann | said before');
    ann.enter('/files');
    await ann.sees('Enter downloads');
    ann.type(`${ESC}${CTRL_R}bef`);
    await ann.sees('(entered before: "bef") said before');
  });

  test('a list of files follows what happens on the server, and keeps what is chosen', async () => {
    const ann = await atScreen('ann');
    ann.enter('/files by name *.txt');
    await ann.sees('2 files like *.txt');
    ann.type(`${ESC}[B`);
    await ann.sees('2 of 2');
    await writeFile(join(room.folder, 'a new one.txt'), 'new');
    await ann.sees(/3 files like \*\.txt, .* 3 of 3/);
    await ann.sees('a new one.txt');
  });

  test('what was found is gone to with Enter', async () => {
    const ann = await atScreen('ann');
    const hay = Array.from({ length: 100 }, (_, index) => (index === 6 ? 'the needle' : `hay ${index + 1}`));
    await said(ann, hay);
    ann.enter('/search needle');
    await ann.sees('1 found');
    ann.type('\r');
    await ann.sees('ann | the needle');
    await ann.sees('looking back');
    await ann.sees('ann | hay 8');
    ann.type(`${ESC}[1;5F`);
    await ann.sees('ann | hay 100');
  });

  test('a private conversation has a page of its own, where one answers', async () => {
    const [ann, bob] = [await atScreen('ann'), await atScreen('bob')];
    await ann.sees('bob joined');
    ann.enter('/msg bob psst');
    await bob.sees(/2 @ann +1 @1\|/);
    bob.type(alt('2'));
    await bob.sees(/^ @ann/m);
    await bob.sees('ann | psst');
    bob.enter('yes?');
    await ann.sees(/2 @bob +1 @1\|/);
    ann.type(alt('a'));
    await ann.sees('bob | yes?');
    expect(ann.screen.lines.join('\n')).toContain('ann | psst');
  });

  test('a message that is changed is changed where it stands', async () => {
    const [ann, bob] = [await atScreen('ann'), await atScreen('bob')];
    ann.enter('helo');
    await bob.sees('ann | helo');
    ann.enter('/edit 1 hello');
    await bob.sees('ann | hello (edited)');
    expect(bob.screen.lines.join('\n')).not.toContain('helo');
  });

  test('a line that the server refuses stays, and can be said again or dropped', async () => {
    const ann = await atScreen('ann');
    ann.enter('x'.repeat(5_000));
    await ann.sees('not sent: a message has at most 4096 bytes');
    await ann.sees('1 not sent: /retry');
    ann.enter('/forget');
    await ann.sees('1 line dropped');
    await ann.screen.until(() => !ann.screen.lines.join('\n').includes('not sent:'), 'for it to go');
  });

  test('what a command could not do is said below the messages where its place is not in sight', async () => {
    const ann = await atScreen('ann');
    await said(
      ann,
      Array.from({ length: 40 }, (_, index) => `line ${index}`),
    );
    ann.type(PAGE_UP);
    await ann.sees('looking back');
    ann.enter('/get nothing');
    await ann.sees(/^! download 1: nothing failed: no shared file is called nothing/m);
    ann.type('x');
    await ann.screen.until(() => !ann.screen.lines.join('\n').includes('failed'), 'the words to go');
    expect(ann.screen.lines.join('\n')).toContain('looking back');
  });

  test('a message that is not there is not gone to', async () => {
    const ann = await atScreen('ann');
    ann.enter('the only one');
    await ann.sees('ann | the only one');
    ann.enter('/goto 4711');
    await ann.sees('lobby keeps no message 4711');
    expect(ann.screen.lines.join('\n')).not.toContain('looking back');
  });

  test('a room may be written with its sign, and one that nobody has made is said how to make', async () => {
    const [ann, bob] = [await atScreen('ann'), await atScreen('bob')];
    bob.enter('/create den');
    await bob.sees(/^ den/m);
    ann.type('/join #d\t');
    await ann.screen.until(() => ann.screen.inputLine === '> /join den |', 'the room to be completed');
    ann.type('\r');
    await ann.sees(/^ den/m);
    ann.enter('/join #attic');
    await ann.sees('there is no room attic: /create attic makes one');
  });

  test('a line that the server has got is not kept as one that was not sent', async () => {
    const states: KeptState[] = [];
    const keeper = {
      read: () => ({ history: [], drafts: {}, unsent: [] }),
      save: (read: () => KeptState) => void states.push(read()),
      close: () => {},
    };
    const openState = () => keeper as unknown as StateKeeper;
    const ann = room.enter({ nickname: 'ann', isFullScreen: true, openState });
    await ann.sees('you are ann in lobby');
    ann.enter('a line');
    // It is on its way to the server now.
    await Promise.resolve();
    ann.type('x');
    expect(states.at(-1)?.unsent).toEqual([{ room: 'lobby', text: 'a line', time: expect.any(Number) }]);
    await ann.screen.until(() => states.at(-1)?.unsent.length === 0, 'nothing to be kept as not sent');
    expect(states.at(-1)?.drafts).toEqual({ lobby: 'x' });
  });

  test('Tab completes emoji and rooms', async () => {
    const ann = await atScreen('ann');
    ann.type(':tad\t');
    await ann.sees('> 🎉');
    ann.type('#lob\t');
    // The emulator takes the sign for narrower than it is.
    await ann.sees(/> 🎉 +#lobby/);
    ann.type('\u0015:smile\t');
    await ann.sees(/smile .*smiley/);
    ann.type('\t\t');
    await ann.sees('> 😃');
    ann.type(`${ESC}[Z`);
    await ann.sees('> 😄');
    ann.type(' and on');
    await ann.screen.until(() => !ann.screen.lines.join('\n').includes('smiley'), 'for the list to go');
  });
});
