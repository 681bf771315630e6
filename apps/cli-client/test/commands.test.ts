import { describe, expect, test } from 'vitest';
import { completeLine } from '../src/commands/completion.ts';
import { type ArgumentKind, type CommandDefinition, commandUsage } from '../src/commands/definition.ts';
import { parseLine } from '../src/commands/parse-command.ts';
import { quoted, tokenize } from '../src/commands/tokens.ts';
import { CHAT_COMMANDS } from '../src/interactive/chat-commands.ts';

const words = (text: string) => tokenize(text).map((token) => token.value);

describe('words of a line', () => {
  test.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['"my file.txt" to x', ['my file.txt', 'to', 'x']],
    ["'single quotes' too", ['single quotes', 'too']],
    ["it's.txt", ["it's.txt"]],
    ['say"what', ['say"what']],
    [String.raw`"a \"b\" \\ c"`, [String.raw`a "b" \ c`]],
    [String.raw`C:\dir\file`, [String.raw`C:\dir\file`]],
    ['""', ['']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test('a missing closing quote is noticed', () => {
    expect(tokenize('"open end')[0]).toMatchObject({ value: 'open end', isClosed: false });
  });

  test.each([
    'plain',
    'two words',
    '"quoted"',
    "'single'",
    String.raw`back\slash and space`,
    '',
    'tab\there',
  ])('the quoted form of %j is read back as the same word', (value) => {
    expect(words(quoted(value))).toEqual([value]);
  });
});

describe('an entered line', () => {
  const parse = (line: string) => {
    const parsed = parseLine(line, CHAT_COMMANDS);
    return parsed.type === 'command' ? { command: parsed.definition.name, ...parsed.values } : parsed;
  };

  test.each([
    ['hello there', { type: 'say', text: 'hello there' }],
    ['  indented', { type: 'say', text: '  indented' }],
    ['//etc/hosts', { type: 'say', text: '/etc/hosts' }],
    ['one\n/two', { type: 'say', text: 'one\n/two' }],
    ['   ', { type: 'nothing' }],
    ['/users', { command: 'users' }],
    ['/USERS ', { command: 'users' }],
    ['/who', { command: 'users' }],
    ['/msg bob hello  "there"', { command: 'msg', nick: 'bob', text: 'hello  "there"' }],
    ['/msg bob two\nlines', { command: 'msg', nick: 'bob', text: 'two\nlines' }],
    ['/get notes.txt', { command: 'get', name: 'notes.txt' }],
    ['/join #den', { command: 'join', room: 'den' }],
    ['/goto #7 "#den"', { command: 'goto', number: '#7', room: 'den' }],
    ['/get "my file" to "my folder/x"', { command: 'get', name: 'my file', path: 'my folder/x' }],
    ['/get to to to', { command: 'get', name: 'to', path: 'to' }],
    ['/accept', { command: 'accept' }],
    ['/accept to', { command: 'accept', what: 'to' }],
    ['/accept to x', { command: 'accept', path: 'x' }],
    ['/accept to to x', { command: 'accept', what: 'to', path: 'x' }],
    ['/pause', { command: 'pause' }],
    ['/pause 3', { command: 'pause', n: '3' }],
    ['/ban bob', { command: 'ban', nick: 'bob' }],
    ['/ban bob for 2h', { command: 'ban', nick: 'bob', time: '2h' }],
    ['/ban bob for 2h all the spam', { command: 'ban', nick: 'bob', time: '2h', reason: 'all the spam' }],
    ['/ban bob forever and ever', { command: 'ban', nick: 'bob', reason: 'forever and ever' }],
    ['/quit', { command: 'quit' }],
    ['/quit good night', { command: 'quit', reason: 'good night' }],
  ])('%j', (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  test.each([
    ['/usres', 'did you mean /users?'],
    ['/tran', 'did you mean /transfers?'],
    ['/hlep', 'did you mean /help?'],
    ['/xyzzy', '/help lists them all'],
    ['/', '/help lists them all'],
    ['/msg', 'NICK is missing; expected /msg NICK TEXT'],
    ['/msg bob', 'TEXT is missing'],
    ['/get', 'NAME is missing; expected /get NAME [to PATH]'],
    ['/get my file.txt', '"file.txt" is too much (put a name with spaces in "quotes")'],
    ['/get a to', 'PATH is missing after "to"'],
    ['/ban bob for', 'TIME is missing after "for"'],
    ['/get "a', 'the closing " is missing'],
    ['/users now', '"now" is too much'],
  ])('%j is explained', (line, words) => {
    expect(parse(line)).toMatchObject({ type: 'mistake', problem: expect.stringContaining(words) });
  });

  test('usage is made of the same data', () => {
    expect(CHAT_COMMANDS.map(commandUsage)).toEqual([
      '/msg NICK TEXT',
      '/history [BEFORE]',
      '/search QUERY',
      '/goto NUMBER [ROOM]',
      '/edit NUMBER TEXT',
      '/delete NUMBER',
      '/retry',
      '/forget',
      '/users',
      '/notify [WHAT]',
      '/join ROOM',
      '/create ROOM',
      '/leave [REASON]',
      '/rooms',
      '/topic [TOPIC]',
      '/files [by ORDER] [PATTERN]',
      '/get NAME [to PATH]',
      '/put FILE [as NAME]',
      '/send NICK FILE [as NAME]',
      '/accept [WHAT] [to PATH]',
      '/decline [WHAT]',
      '/transfers',
      '/pause [N]',
      '/resume [N]',
      '/cancel [N]',
      '/priority N WHAT',
      '/limit-rate RATE',
      '/progress [N]',
      '/register [INVITE]',
      '/password',
      '/delete-account',
      '/key [NAME]',
      '/token NAME',
      '/keys',
      '/revoke NAME',
      '/kick NICK [REASON]',
      '/mute NICK [for TIME] [REASON]',
      '/unmute NICK',
      '/ban NICK [for TIME] [REASON]',
      '/unban WHOM',
      '/bans',
      '/role NICK ROLE',
      '/roles',
      '/audit [BEFORE]',
      '/slow TIME',
      '/entry WHOM',
      '/invite NICK',
      '/server-kick NICK [REASON]',
      '/server-mute NICK [for TIME] [REASON]',
      '/server-unmute NICK',
      '/server-ban NICK [for TIME] [REASON]',
      '/server-unban WHOM',
      '/server-bans',
      '/server-role NICK ROLE',
      '/server-roles',
      '/server-audit [BEFORE]',
      '/invite-code',
      '/emergency LEVEL',
      '/help [COMMAND]',
      '/quit [REASON]',
    ]);
  });

  test('no name and no alias is used twice', () => {
    const names = CHAT_COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('Tab', () => {
  const OFFERED: Partial<Record<ArgumentKind, string[]>> = {
    nickname: ['Bob', 'barbara', 'ann'],
    file: ['notes.txt', 'my file.txt', 'my music.ogg', 'über.txt', "it's"],
    path: ['folder/', 'folder two/', 'file'],
    transfer: ['1', '2'],
    command: CHAT_COMMANDS.map((command) => command.name),
  };

  /** Completes at the bar, and puts a bar where the cursor is afterwards. */
  async function tab(line: string, commands: readonly CommandDefinition<never>[] = CHAT_COMMANDS as never) {
    const cursor = line.indexOf('|');
    const text = line.replace('|', '');
    const completion = await completeLine(text, cursor, commands, async (kind) => OFFERED[kind] ?? []);
    if (!completion) return undefined;
    return `${completion.text.slice(0, completion.cursor)}|${completion.text.slice(completion.cursor)}`;
  }

  test.each([
    ['/us|', '/users |'],
    ['/USE|', '/users |'],
    ['/get no|', '/get notes.txt |'],
    ['/get my|', '/get "my |'],
    ['/get "my f|', '/get "my file.txt" |'],
    ["/get 'my f|", "/get 'my file.txt' |"],
    ['/get über|', '/get über.txt |'],
    ['/get notes.txt |', '/get notes.txt to |'],
    ['/get notes.txt t|', '/get notes.txt to |'],
    ['/get notes.txt to fi|', '/get notes.txt to file |'],
    ['/get notes.txt to "folder t|', '/get notes.txt to "folder two/|'],
    ['/pause 1|', '/pause 1 |'],
    ['/msg bo|', '/msg Bob |'],
    ['/msg bob hi an|', '/msg bob hi ann |'],
    ['/help us|', '/help users |'],
    ['bo|', 'Bob: |'],
    ['hello bo|', 'hello Bob |'],
    ['hello @bo|', 'hello @Bob |'],
    ['bo| are you there', 'Bob: | are you there'],
  ])('%s becomes %s', async (before, after) => {
    expect(await tab(before)).toBe(after);
  });

  test.each([
    '|',
    'hello |',
    'hello zz|',
    '/nothing x|',
    '/users |',
    '/get notes.txt x|',
    '/get notes.txt to file |',
  ])('has nothing for %s', async (line) => {
    expect(await tab(line)).toBeUndefined();
  });

  test('goes as far as the candidates agree, and shows them', async () => {
    const completion = await completeLine('/get m', 6, CHAT_COMMANDS, async () => OFFERED.file ?? []);
    expect(completion).toEqual({
      text: '/get "my ',
      cursor: 9,
      candidates: [
        { label: 'my file.txt', text: '/get "my file.txt" ', cursor: 19 },
        { label: 'my music.ogg', text: '/get "my music.ogg" ', cursor: 20 },
      ],
    });
  });

  test('a folder is not the end of a path', async () => {
    const only = async () => ['folder/'];
    expect(await completeLine('/get a to fo', 12, CHAT_COMMANDS, only)).toMatchObject({
      text: '/get a to folder/',
    });
  });

  test('candidates are bounded', async () => {
    const many = async () => Array.from({ length: 5_000 }, (_, index) => `file-${index}`);
    expect((await completeLine('/get f', 6, CHAT_COMMANDS, many))?.candidates).toHaveLength(60);
  });
});
