import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Person, TestRoom } from './support/test-room.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';

let room: TestRoom;

beforeEach(async () => {
  room = await TestRoom.open({ 'notes.txt': 'ten bytes.', 'my file.txt': 'spaces', 'über.bin': 'ü' });
});

afterEach(async () => {
  await room.close();
});

async function registered(nickname: string): Promise<Person> {
  const person = room.enter({ nickname });
  await person.sees(`you are ${nickname} in lobby`);
  return person;
}

describe('arriving', () => {
  test('greets, and says who one is', async () => {
    const ann = await registered('ann');
    await ann.sees('connected to Test room');
    await ann.sees('ann in lobby at 127.0.0.1:');
    await ann.sees('1 here');
  });

  test('a nickname is asked for, and asked for again when it is bad or taken', async () => {
    await registered('ann');
    const other = room.enter();
    await other.sees('nickname: ');
    other.enter('ann');
    await other.sees('the nickname ann is in use');
    other.enter('two words');
    await other.sees('a nickname has only');
    other.enter('bob');
    await other.sees('you are bob in lobby');
  });

  test('a nickname from the command line that is taken is asked for again', async () => {
    await registered('ann');
    const other = room.enter({ nickname: 'Ann' });
    await other.sees('in use');
    await other.sees('nickname: ');
    other.enter('bob');
    await other.sees('you are bob');
  });

  test('leaving at the prompt is leaving', async () => {
    const person = room.enter();
    await person.sees('nickname: ');
    person.type(CTRL_D);
    expect(await person.result).toEqual({ exitCode: 0, problem: undefined });
  });
});

describe('talking', () => {
  test('everybody sees a message, in the order of the room', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    await ann.sees('bob joined');
    ann.enter('hello');
    await bob.sees('<ann> hello');
    bob.enter('hi ann');
    await ann.sees('<bob> hi ann');
    await ann.sees('<ann> hello');
  });

  test('a message that arrives leaves the line being typed alone', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    await ann.sees('bob joined');
    ann.type('half a sent');
    ann.type('\u001b[D\u001b[D');
    bob.enter('are you there?');
    await ann.sees('<bob> are you there?');
    expect(ann.screen.inputLine).toBe('> half a se|nt');
    ann.type('\u001b[Fence\r');
    await bob.sees('<ann> half a sentence');
  });

  test('a pasted text of several lines is one message', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    ann.type('\u001b[200~first\nsecond\n\u001b[201~');
    await ann.sees('  second');
    ann.type('\r');
    await bob.sees(/<ann> first\n {6}\| second/);
  });

  test('a private message is seen by two people only', async () => {
    const [ann, bob, cleo] = [await registered('ann'), await registered('bob'), await registered('cleo')];
    ann.enter('/msg bob psst');
    await bob.sees('[ann -> you] psst');
    await ann.sees('[you -> bob] psst');
    ann.enter('to all');
    await cleo.sees('<ann> to all');
    expect(cleo.screen.allLines.join('\n')).not.toContain('psst');
  });

  test('a private message to somebody who has gone is an error', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    await ann.sees('bob joined');
    bob.enter('/quit');
    await ann.sees('bob left');
    ann.enter('/msg bob hello?');
    await ann.sees('! bob is not here');
  });

  test('a text that is refused can be brought back with the arrow', async () => {
    const ann = await registered('ann');
    ann.enter('x'.repeat(5_000));
    await ann.sees('not sent: a message has at most 4096 bytes');
    ann.enter('later');
    await ann.sees('<ann> later');
    ann.type('\u001b[A');
    await ann.sees('> later');
  });

  test('an unknown command gets a suggestion', async () => {
    const ann = await registered('ann');
    ann.enter('/usres');
    await ann.sees('did you mean /users?');
    ann.enter('/users');
    await ann.sees('1 here: ann');
  });

  test('help is made of the commands', async () => {
    const ann = await registered('ann');
    ann.enter('/help');
    await ann.sees('/get NAME [to PATH]');
    ann.enter('/help get');
    await ann.sees(/Nothing that exists is ever\s.*overwritten/);
    ann.enter('/help nothing');
    await ann.sees('there is no command nothing');
  });

  test('Tab completes commands, people and files', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bobby')];
    await ann.sees('bobby joined');
    ann.type('bo\t');
    await ann.sees('> bobby:');
    ann.type(`${CTRL_U}/ge\t`);
    await ann.sees('> /get ');
    ann.type('my\t');
    await ann.sees('> /get "my file.txt"');
    ann.type(CTRL_U);
    bob.type('/get \t');
    await bob.sees('my file.txt  notes.txt  über.bin');
  });
});

describe('leaving', () => {
  test('is announced with its reason', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    bob.enter('/quit good night');
    await ann.sees('bob left (good night)');
    expect(await bob.result).toEqual({ exitCode: 0, problem: undefined });
  });

  test('Ctrl-C empties the line, then says how to leave, then leaves', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    bob.type(`typed something${CTRL_C}`);
    expect(bob.screen.inputLine).toBe('> |');
    bob.type(CTRL_C);
    await bob.sees('Ctrl-C again to leave');
    bob.type('x');
    await bob.screen.until(() => !bob.screen.lines.join().includes('again to leave'), 'for the hint to go');
    bob.type(CTRL_C + CTRL_C + CTRL_C);
    await ann.sees('bob left');
    expect((await bob.result).exitCode).toBe(0);
  });

  test('what was entered last still reaches the room', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    bob.type(`one\rtwo\rthree\r${CTRL_D}`);
    await ann.sees('<bob> three');
    expect((await bob.result).exitCode).toBe(0);
  });

  test('a server that stops is explained, with an exit code for it', async () => {
    const ann = await registered('ann');
    await room.stop();
    expect(await ann.result).toEqual({
      exitCode: 3,
      problem: 'the server ended the connection (server-stopping): closing time',
    });
    await ann.screen.settle();
    expect(ann.screen.lines.at(-1)).not.toContain('>');
  });
});

describe('files', () => {
  test('are listed with size, time and name', async () => {
    const ann = await registered('ann');
    ann.enter('/files');
    await ann.sees(/3 files\n/);
    await ann.sees(/10 B {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}[0-9a-f ]{8} {2}notes\.txt/);
  });

  test('a name that does not exist is an error that says so', async () => {
    const ann = await registered('ann');
    ann.enter('/get nothing.txt');
    await ann.sees(/nothing\.txt failed: no .* nothing\.txt/);
  });

  test('a target that exists is not touched, and what to do is said', async () => {
    const ann = await registered('ann');
    await writeFile(join(room.downloadFolder, 'notes.txt'), 'mine');
    ann.enter('/get notes.txt');
    await ann.sees('exists already; nothing was changed; for another');
    await ann.sees('/get notes.txt to PATH');
    expect(room.downloads).toHaveLength(0);
  });

  test('a download shows its progress, is paused, resumed and verified', async () => {
    const ann = await registered('ann');
    ann.enter('/get "my file.txt" to other.txt');
    await ann.sees('download 1: my file.txt -> ');
    await ann.screen.until(() => room.downloads[0]?.offer !== undefined, 'for the offer');
    const download = room.downloads[0];
    if (!download) throw new Error('no download');
    const size = download.offer?.size ?? 0;
    download.report({ phase: 'receiving', receivedBytes: size / 2, size, bytesPerSecond: 1 });
    await ann.sees(/v1 my file\.txt .*\[#+\.+\] {2}50% +3 B of 6 B +1 B\/s {2}ETA 0:03/);
    ann.enter('/pause');
    await ann.sees(/50% +3 B of 6 B +paused/);
    ann.enter('/resume 1');
    await ann.screen.until(() => download.calls.length === 2, 'for the resumption');
    expect(download.calls).toEqual(['pause', 'resume']);
    const path = download.task.targetPath;
    download.end({ kind: 'completed', path, size, durationMs: 2_000, sha256: new Uint8Array(32).fill(0xab) });
    await ann.sees(`* download 1: ${join(room.downloadFolder, 'other.txt')}, 6 B in 2.0 s (3 B/s), verified`);
    await ann.sees(/sha256 (?:ab){32}$/m);
    expect(ann.screen.lines.join('\n')).not.toMatch(/^v1 /m);
  });

  // CHAT-PROGRESS-1, CHAT-PROGRESS-2
  test('the room is shown how far a download is, when its user wants that', async () => {
    const [ann, bob] = [await registered('ann'), await registered('bob')];
    ann.enter('/progress');
    await ann.sees('nothing is being transferred');
    ann.enter('/get notes.txt');
    await ann.screen.until(() => room.downloads[0]?.offer !== undefined, 'for the offer');
    const [download] = room.downloads;
    if (!download) throw new Error('no download');
    download.report({ phase: 'receiving', receivedBytes: 4, size: 10, bytesPerSecond: 2 });
    ann.enter('/progress');
    await ann.sees('lobby is shown how far download 1 is');
    await bob.sees('ann downloads notes.txt [####......] 40% of 10 B, 2 B/s, ETA 0:03');
    ann.enter('/progress 1');
    await ann.sees('lobby is told of download 1 already');
    ann.enter('/cancel');
    await bob.sees('ann downloads notes.txt, 10 B: stopped at 40%');
  });

  // CHAT-TCP-6
  test('one download over TLS beside one by UDP is told of once', async () => {
    const ann = await registered('ann');
    ann.enter('/get notes.txt');
    ann.enter('/get über.bin');
    await ann.screen.until(() => room.downloads.length === 2, 'for the downloads');
    await ann.screen.until(() => room.downloads.every(({ offer }) => offer !== undefined), 'for the offers');
    const [first, second] = room.downloads;
    const progress = { phase: 'receiving', size: 10, bytesPerSecond: 1 } as const;
    for (let receivedBytes = 1; receivedBytes < 9; receivedBytes += 1) {
      first?.report({ ...progress, receivedBytes, route: 'fallback' });
      second?.report({ ...progress, receivedBytes, route: 'udp' });
    }
    await ann.sees(/80%[\s\S]*80%/);
    const shown = ann.screen.allLines.join('\n');
    expect(shown.match(/UDP is blocked, going over TLS/g)).toHaveLength(1);
    expect(shown.match(/UDP gets through again/g)).toHaveLength(1);
  });

  test('several downloads run at once, and one of them is cancelled by its number', async () => {
    const ann = await registered('ann');
    ann.enter('/get notes.txt');
    ann.enter('/get über.bin');
    await ann.sees(/v1 notes\.txt/);
    await ann.sees(/v2 über\.bin/);
    await ann.screen.until(() => room.downloads.length === 2, 'for the offers');
    ann.enter('/cancel');
    await ann.sees('which one?');
    ann.enter('/cancel 2');
    await ann.sees('download 2: über.bin cancelled, nothing of it was kept');
    ann.enter('/transfers');
    await ann.sees(/2 in this session/);
    const callsOf = (name: string) =>
      room.downloads.find(({ task }) => task.targetPath.endsWith(name))?.calls;
    expect(callsOf('über.bin')).toEqual(['cancel']);
    expect(callsOf('notes.txt')).toEqual([]);
  });

  // CHAT-QUEUE-1
  test('what waits at the server is paused and goes on with everything else', async () => {
    await room.close();
    const limits = { presenceIntervalMs: 0, transfersPerUserMax: 1 };
    room = await TestRoom.open({ 'notes.txt': 'ten bytes.', 'über.bin': 'ü' }, {}, undefined, { limits });
    const ann = await registered('ann');
    ann.enter('/get notes.txt');
    await ann.screen.until(() => room.downloads[0]?.offer !== undefined, 'for the offer');
    ann.enter('/get über.bin');
    await ann.sees(/über\.bin .*in the queue/);
    ann.enter('/pause 2');
    ann.enter('/resume');
    ann.enter('all said');
    await ann.sees('<ann> all said');
    expect(ann.screen.lines.join('\n')).not.toContain('nothing is paused');
  });

  test('commands on downloads that are not there are explained', async () => {
    const ann = await registered('ann');
    ann.enter('/pause');
    await ann.sees('nothing is running');
    ann.enter('/resume x');
    await ann.sees('"x" is no number of a transfer');
    ann.enter('/cancel 7');
    await ann.sees('there is no transfer number 7');
    ann.enter('/transfers');
    await ann.sees('no transfers yet');
  });
});

// CHAT-LEAVE-1
test('who goes out of one of several rooms says why', async () => {
  const ann = await registered('ann');
  ann.enter('/create den');
  await ann.sees('in den');
  const bob = await registered('bob');
  bob.enter('/join den');
  await ann.sees('bob joined');
  bob.enter('/leave off to lunch');
  await ann.sees('bob left (off to lunch)');
  bob.enter('still in the lobby');
  await bob.sees('<bob> still in the lobby');
});
