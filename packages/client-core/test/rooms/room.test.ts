import { describe, expect, test } from 'vitest';
import { LOBBY, nick, Scenario } from '../support/scenario.ts';

function message(sequence: number, options: { from?: string; text?: string } = {}) {
  const { from = 'bob', text = `message ${sequence}` } = options;
  return {
    type: 'message',
    room: LOBBY,
    sequence,
    time: 100 + sequence,
    from: nick(from),
    kind: 'text',
    target: 0,
    text: text as never,
  } as const;
}

function entry(sequence: number) {
  const clientMessageId = new Uint8Array(16) as never;
  return { ...message(sequence), editedAt: undefined, clientMessageId };
}

// CHAT-SAY-2
describe('the log of the room', () => {
  test('messages in order are told as they come', () => {
    const scenario = Scenario.registered('ann', 10);
    scenario.receive(message(11));
    scenario.receive(message(12));
    expect(scenario.told('message').map((one) => one.message.text)).toEqual(['message 11', 'message 12']);
    expect(scenario.told('gap')).toEqual([]);
    expect(scenario.client.rooms.home?.view.position).toEqual({ epoch: 7, sequence: 12 });
  });

  /** What the server keeps, from `from` to `to`. */
  function answerHistory(
    scenario: Scenario,
    from: number,
    to: number,
    options: { first?: number; last?: number } = {},
  ) {
    const { requestId } = scenario.lastSent('read-history');
    const { first = 1, last = to } = options;
    const entries = Array.from({ length: to - from + 1 }, (_, index) => entry(from + index));
    scenario.receive({ type: 'history', requestId, room: LOBBY, epoch: 7, first, last, entries });
  }
  const sequences = (scenario: Scenario) => scenario.told('message').map((one) => one.message.sequence);

  // CHAT-LOG-4
  test('missing messages are fetched, and shown before the one that told of them', () => {
    const scenario = Scenario.registered('ann', 10);
    scenario.receive(message(14));
    expect(scenario.lastSent('read-history')).toMatchObject({ direction: 'after', epoch: 7, sequence: 10 });
    expect(sequences(scenario)).toEqual([]);
    answerHistory(scenario, 11, 12, { last: 14 });
    scenario.receive(message(15));
    answerHistory(scenario, 13, 15);
    expect(sequences(scenario)).toEqual([11, 12, 13, 14, 15]);
    expect(scenario.told('gap')).toEqual([]);
    expect(scenario.sentTypes().filter((type) => type === 'read-history')).toHaveLength(2);
  });

  // CHAT-LOG-4
  test('what the server keeps no longer is told as a gap', () => {
    const scenario = Scenario.registered('ann', 10);
    scenario.receive(message(14));
    answerHistory(scenario, 14, 14, { first: 14 });
    expect(scenario.notifications.slice(-2)).toMatchObject([
      { type: 'gap', gap: { room: 'lobby', missing: 3 } },
      { type: 'message', message: { sequence: 14 } },
    ]);
  });

  // CHAT-LOG-4
  test('a message that was seen is not told again', () => {
    const scenario = Scenario.registered('ann', 10);
    scenario.receive(message(11));
    scenario.receive(message(11));
    scenario.receive(message(10));
    expect(scenario.told('message')).toHaveLength(1);
  });

  // CHAT-LOG-5, CHAT-LOG-6
  test('another epoch is another log, with a gap of unknown length before it', () => {
    const scenario = Scenario.registered('ann', 10);
    scenario.enter({ epoch: 8 });
    scenario.receive(message(1));
    scenario.receive(message(2));
    expect(scenario.client.rooms.home?.view.position).toEqual({ epoch: 8, sequence: 2 });
    expect(scenario.told('gap')).toEqual([{ type: 'gap', gap: { room: 'lobby', missing: undefined } }]);
    expect(scenario.told('message')).toHaveLength(2);
  });

  // CHAT-LOG-5
  test.each([
    { epoch: 8, sequence: 12 },
    { epoch: 7, sequence: 9 },
  ])('epoch $epoch at $sequence is another log, and is read from its beginning', ({ epoch, sequence }) => {
    const scenario = Scenario.registered('ann', 10);
    scenario.enter({ epoch, sequence });
    expect(scenario.told('gap')).toEqual([{ type: 'gap', gap: { room: 'lobby', missing: undefined } }]);
    expect(scenario.lastSent('read-history')).toMatchObject({ direction: 'after', epoch, sequence: 0 });
  });

  // CHAT-LOG-5
  test('of the same log what lies between is read, without a gap', () => {
    const scenario = Scenario.registered('ann', 10);
    scenario.enter({ sequence: 12 });
    expect(scenario.lastSent('read-history')).toMatchObject({ direction: 'after', epoch: 7, sequence: 10 });
    answerHistory(scenario, 11, 12);
    scenario.receive(message(13));
    expect(sequences(scenario)).toEqual([11, 12, 13]);
    expect(scenario.told('gap')).toEqual([]);
  });

  // CHAT-LOG-6
  test('a message of a room that was not entered on this connection is of no log that is known', () => {
    const scenario = Scenario.registered('ann', 10, { reconnects: true });
    scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
    scenario.pass(500);
    scenario.handle({ type: 'connected' });
    scenario.greet();
    scenario.receive(message(11));
    expect(scenario.told('message')).toEqual([]);
    scenario.enter({ epoch: 8, sequence: 0 });
    scenario.receive(message(1));
    expect(sequences(scenario)).toEqual([1]);
  });

  test('old messages make room for new ones', () => {
    const scenario = Scenario.registered('ann', 0);
    for (let sequence = 1; sequence <= 2_001; sequence += 1) scenario.receive(message(sequence));
    expect(scenario.client.rooms.home?.view.messages).toHaveLength(2_000);
    expect(scenario.client.rooms.home?.view.messages[0]?.sequence).toBe(2);
  });

  test('a number is that of the log that counts now, whatever bore it in the log before', () => {
    const scenario = Scenario.registered('ann', 0);
    for (const sequence of [1, 2]) scenario.receive(message(sequence, { text: 'of the old log' }));
    scenario.enter({ epoch: 8 });
    scenario.receive(message(1, { text: 'of the new log' }));
    const view = scenario.client.rooms.home?.view;
    expect(view?.find(1)).toMatchObject({ epoch: 8, text: 'of the new log' });
    expect(view?.find(2)).toBeUndefined();
  });

  test('a message of one’s own is marked, however the nickname is written', () => {
    const scenario = Scenario.registered('ann');
    scenario.receive(message(1, { from: 'Ann' }));
    scenario.receive(message(2, { from: 'bob' }));
    expect(scenario.told('message').map((one) => one.message.isOwn)).toEqual([true, false]);
  });
});

/** The conversation with somebody. */
const DIRECT = `@${'0f'.repeat(16)}` as typeof LOBBY;

describe('saying something', () => {
  // CHAT-SAY-4
  test('each message has an id of its own and waits in the outbox until it is accepted', () => {
    const scenario = Scenario.registered();
    const first = scenario.command({ type: 'say', text: 'one' });
    const { requestId, clientMessageId } = scenario.lastSent('say');
    scenario.enter({ room: DIRECT, peer: 'bob' });
    scenario.command({ type: 'direct', nickname: 'Bob', text: 'two' });
    expect(scenario.lastSent('say').clientMessageId).not.toEqual(clientMessageId);
    expect(scenario.client.outbox.entries).toMatchObject([{ text: 'one' }, { text: 'two', room: DIRECT }]);
    scenario.receive({ type: 'accepted', requestId, epoch: 7, sequence: 1, time: 3 });
    expect(scenario.resultOf(first)).toEqual({ epoch: 7, sequence: 1, time: 3 });
    expect(scenario.client.outbox.entries).toMatchObject([{ text: 'two' }]);
  });

  // CHAT-SAY-4, CHAT-REGISTER-4
  test('what was not accepted is sent again after a reconnect, under its id and in its order', () => {
    const scenario = Scenario.registered('ann', 3, { reconnects: true });
    const { secret } = scenario.lastSent('register');
    const commands = ['one', 'two'].map((text) => scenario.command({ type: 'say', text }));
    const ids = scenario.sent.flatMap((sent) => (sent.type === 'say' ? [sent.clientMessageId] : []));
    scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
    expect(scenario.client.session.state).toBe('reconnecting');
    commands.push(scenario.command({ type: 'say', text: 'three' }));
    scenario.sent.length = 0;
    scenario.pass(500);
    expect(scenario.connects).toBe(2);
    scenario.handle({ type: 'connected' });
    scenario.receive({
      type: 'hello-ok',
      version: 1,
      serverName: 'here',
      serverTime: 5,
      motd: '',
      room: LOBBY,
    });
    const { requestId } = scenario.lastSent('register');
    expect(scenario.lastSent('register')).toMatchObject({ nickname: 'ann', secret });
    scenario.receive({ type: 'registered', requestId, nickname: nick('ann'), sessionId: 2 as never });
    const says = scenario.sent.flatMap((sent) => (sent.type === 'say' ? [sent] : []));
    expect(says.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(says.slice(0, 2).map(({ clientMessageId }) => clientMessageId)).toEqual(ids);
    for (const [index, say] of says.entries()) {
      scenario.receive({
        type: 'accepted',
        requestId: say.requestId,
        epoch: 7,
        sequence: 4 + index,
        time: 3,
      });
    }
    for (const [index, command] of commands.entries()) {
      expect(scenario.resultOf(command)).toMatchObject({ sequence: 4 + index });
    }
    expect(scenario.client.outbox.entries).toEqual([]);
    expect(scenario.told('closed')).toEqual([]);
  });

  test('what was not accepted fails when the connection is lost for good', () => {
    const scenario = Scenario.registered();
    const command = scenario.command({ type: 'say', text: 'one' });
    scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
    expect(scenario.errorOf(command).code).toBe('connection-ended');
    expect(scenario.client.outbox.entries).toEqual([]);
  });

  test('text that no server would take is refused here', () => {
    const scenario = Scenario.registered();
    for (const text of ['', '  \n', 'x'.repeat(4_097), 'bell \u0007']) {
      expect(scenario.errorOf(scenario.command({ type: 'say', text })).code).toBe('text-invalid');
    }
    expect(scenario.sentTypes()).not.toContain('say');
  });

  // CHAT-DIRECT-2
  test('a user who has gone is an error with the words of the server', () => {
    const scenario = Scenario.registered();
    const command = scenario.command({ type: 'direct', nickname: 'bob', text: 'hello' });
    const { requestId } = scenario.lastSent('open-direct');
    scenario.receive({
      type: 'failed',
      requestId,
      code: 'user-not-found',
      message: 'bob is not here',
      retryAfterMs: undefined,
    });
    expect(scenario.errorOf(command)).toMatchObject({ code: 'user-not-found', message: 'bob is not here' });
    expect(scenario.client.outbox.entries).toEqual([]);
  });

  // CHAT-DIRECT-1
  test('what is said in a conversation that is being opened comes after what it is opened for', () => {
    const scenario = Scenario.registered('ann');
    scenario.command({ type: 'direct', nickname: 'bob', text: 'first' });
    const { requestId } = scenario.lastSent('open-direct');
    scenario.enter({ room: DIRECT, peer: 'bob' });
    scenario.command({ type: 'say', room: DIRECT, text: 'second' });
    scenario.receive({ type: 'done', requestId });
    expect(scenario.client.outbox.entries.map(({ text }) => text)).toEqual(['first', 'second']);
  });

  // CHAT-DIRECT-1
  test('a message to one user is told to both, and marked for its sender', () => {
    const scenario = Scenario.registered('ann');
    scenario.enter({ room: DIRECT, peer: 'bob' });
    scenario.receive({ ...message(1, { from: 'ann' }), room: DIRECT });
    scenario.receive({ ...message(2, { from: 'bob' }), room: DIRECT });
    expect(
      scenario
        .told('direct-message')
        .map(({ message }) => [message.from, message.to, message.isOwn, message.room, message.sequence]),
    ).toEqual([
      ['ann', 'bob', true, DIRECT, 1],
      ['bob', 'ann', false, DIRECT, 2],
    ]);
  });
});

describe('the users of the room', () => {
  const names = (scenario: Scenario) => scenario.client.rooms.home?.users.all.map((user) => user.nickname);

  test('are asked for when the nickname is accepted, and kept up to date', () => {
    const scenario = Scenario.registered('ann');
    scenario.answerUsers(['ann']);
    const arrivals = [
      { nickname: nick('bob'), joinedAt: 50 },
      { nickname: nick('cleo'), joinedAt: 60 },
    ];
    scenario.receive({ type: 'presence', room: LOBBY, members: 3, left: [], joined: arrivals });
    const left = [{ nickname: nick('bob'), cause: 'left', reason: 'tea', time: 70 } as const];
    scenario.receive({ type: 'presence', room: LOBBY, members: 2, left, joined: [] });
    expect(names(scenario)).toEqual(['ann', 'cleo']);
    expect(scenario.told('user-left')).toMatchObject([{ nickname: 'bob', cause: 'left', reason: 'tea' }]);
  });

  // CHAT-PRESENCE-2
  test('who goes and comes back is here, and who is told of twice is here once', () => {
    const scenario = Scenario.registered('ann');
    scenario.answerUsers(['ann', 'bob']);
    const joined = ['bob', 'ann'].map((name) => ({ nickname: nick(name), joinedAt: 80 }));
    const left = [{ nickname: nick('bob'), cause: 'connection-lost', reason: '', time: 70 } as const];
    scenario.receive({ type: 'presence', room: LOBBY, members: 2, left, joined });
    expect(names(scenario)?.sort()).toEqual(['ann', 'bob']);
    expect(scenario.told('user-left')).toMatchObject([{ nickname: 'bob' }]);
    expect(scenario.told('user-joined')).toMatchObject([{ nickname: 'bob' }]);
  });

  // CHAT-LIST-1
  test('a long list is fetched page by page', () => {
    const scenario = Scenario.registered('ann');
    const command = scenario.command({ type: 'list-users' });
    scenario.answerUsers(['ann', 'bob'], 'after-bob');
    expect(scenario.settled.has(command)).toBe(false);
    expect(scenario.lastSent('list-users').cursor).toBe('after-bob');
    scenario.answerUsers(['cleo']);
    expect(scenario.resultOf(command)).toMatchObject([
      { nickname: 'ann' },
      { nickname: 'bob' },
      { nickname: 'cleo' },
    ]);
    expect(names(scenario)).toHaveLength(3);
  });

  test('who leaves between two pages is not in the list afterwards', () => {
    const scenario = Scenario.registered('ann');
    scenario.command({ type: 'list-users' });
    scenario.answerUsers(['ann', 'bob'], 'after-bob');
    const left = [{ nickname: nick('bob'), cause: 'connection-lost', reason: '', time: 1 } as const];
    scenario.receive({ type: 'presence', room: LOBBY, members: 1, left, joined: [] });
    scenario.answerUsers(['cleo']);
    expect(names(scenario)?.sort()).toEqual(['ann', 'cleo']);
  });

  test('may be asked for without a nickname', () => {
    const scenario = Scenario.greeted();
    const command = scenario.command({ type: 'list-users' });
    scenario.answerUsers(['bob']);
    expect(scenario.resultOf(command)).toMatchObject([{ nickname: 'bob' }]);
  });
});

// CHAT-LIST-2
test('a long list of files is fetched page by page', () => {
  const scenario = Scenario.greeted();
  const command = scenario.command({ type: 'list-files' });
  const file = (name: string) => ({ name: name as never, size: 1, modifiedAt: 2, sha256: undefined });
  const first = scenario.lastSent('list-files');
  scenario.receive({
    type: 'files',
    requestId: first.requestId,
    files: [file('a'), file('b')],
    nextCursor: 'b',
  });
  const second = scenario.lastSent('list-files');
  expect(second.cursor).toBe('b');
  scenario.receive({ type: 'files', requestId: second.requestId, files: [file('c')], nextCursor: undefined });
  expect(scenario.resultOf(command)).toMatchObject([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
});

// CHAT-LIST-3
test('a server that goes on for ever with empty pages is not followed', () => {
  const scenario = Scenario.greeted();
  const command = scenario.command({ type: 'list-files' });
  const { requestId } = scenario.lastSent('list-files');
  scenario.receive({ type: 'files', requestId, files: [], nextCursor: 'more' });
  expect(scenario.resultOf(command)).toEqual([]);
});
