import type { ClientNotification } from '@parley/client-core';
import { describe, expect, test } from 'vitest';
import { type LogEntry, presentLogEntry, presentNotification } from '../src/interactive/present.ts';
import { RouteNews } from '../src/view/route-news.ts';
import { transfer } from './support/transfers.ts';

function message(text: string, isOwn = false): ClientNotification {
  const message = {
    room: 'lobby',
    epoch: 1,
    sequence: 1,
    time: 5,
    from: 'bob',
    text,
    editedAt: undefined,
    isOwn,
  };
  return { type: 'message', message };
}

/** Who reads it. */
const ANN = { ownNickname: 'ann', currentRoom: 'lobby', hasPages: false };

const isMention = (text: string, nickname: string, isOwn = false) => {
  const shown = presentNotification(message(text, isOwn), { ...ANN, ownNickname: nickname });
  return shown?.content.type === 'message' && shown.content.isMention;
};

describe('a mention', () => {
  test.each([
    ['ann: hello', 'ann', true],
    ['hello Ann!', 'ann', true],
    ['@ann', 'ann', true],
    ['annual report', 'ann', false],
    ['joann', 'ann', false],
    ['a-b, are you there?', 'a-b', true],
    ['well []{}\\`^| then', '[]{}\\`^|', true],
    ['日本 is here', '日本', true],
    ['日本語', '日本', false],
  ])('%j for %s: %s', (text, nickname, expected) => {
    expect(isMention(text, nickname)).toBe(expected);
  });

  test('is not in what one says oneself', () => {
    expect(isMention('ann: hello', 'ann', true)).toBe(false);
  });
});

test.each([
  ['left', '', 'left'],
  ['left', 'good night', 'left (good night)'],
  ['connection-lost', '', 'lost the connection'],
  ['timed-out', '', 'stopped answering'],
  ['disconnected', 'flooding', 'was disconnected (flooding)'],
  ['unknown', '', 'left'],
] as const)('a departure by %s with %j is told as %j', (cause, reason, how) => {
  const shown = presentNotification(
    { type: 'user-left', room: 'lobby', nickname: 'bob', cause, reason, time: 1 },
    ANN,
  );
  expect(shown).toMatchObject({ content: { type: 'left', nickname: 'bob', how }, time: 1 });
});

test('a gap is shown, whether its length is known or not', () => {
  for (const missing of [3, undefined]) {
    const shown = presentNotification({ type: 'gap', gap: { room: 'lobby', missing } }, ANN);
    expect(shown?.content).toEqual({ type: 'gap', missing });
  }
});

test('a server that will stop soon is a notice', () => {
  const message = 'an update';
  const draining = { type: 'server-draining', endsWithinMs: 29_500, returnAfterMs: 5_000, message } as const;
  expect(presentNotification(draining, ANN)?.content).toEqual({
    type: 'notice',
    text: 'the server stops in at most 30 s, nothing new is transferred until it is back: an update',
  });
});

// CHAT-TCP-6
test.each([
  [undefined, 'fallback', 'UDP is blocked, going over TLS'],
  ['udp', 'fallback', 'UDP is blocked, going over TLS'],
  ['fallback', 'fallback', undefined],
  ['fallback', 'udp', 'UDP gets through again'],
  [undefined, 'udp', undefined],
  [undefined, 'tls', undefined],
] as const)('from %s to %s: %s', (before, now, words) => {
  // Whether it is the same transfer or the next one.
  for (const number of [1, 2]) {
    const news = new RouteNews();
    news.wordsOf(transfer({ number: 1, route: before }));
    expect(news.wordsOf(transfer({ number, route: now }))).toBe(words);
  }
});

// CHAT-TCP-6
test('transfers that go different ways beside each other are told of once', () => {
  const news = new RouteNews();
  const [tcp, udp] = [transfer({ number: 1, route: 'fallback' }), transfer({ number: 2, route: 'udp' })];
  const words = [tcp, udp, tcp, udp, { ...tcp, state: 'completed' } as const, udp].map((one) =>
    news.wordsOf(one),
  );
  expect(words.filter((one) => one !== undefined)).toEqual([
    'UDP is blocked, going over TLS',
    'UDP gets through again',
  ]);
});

test.each(['tea at four', ''])(
  'a topic of %j has the same words when it is set and when the log is read',
  (topic) => {
    const now = presentNotification(
      { type: 'topic-changed', room: 'lobby', from: 'bob', topic, time: 5 },
      ANN,
    );
    const entry = { sequence: 1, time: 5, from: 'bob', kind: 'topic', text: topic } as unknown as LogEntry;
    const room = { room: 'lobby', topic, members: 2, peer: undefined } as unknown as Parameters<
      typeof presentLogEntry
    >[1];
    expect(presentLogEntry(entry, room, 'ann').content).toEqual(now?.content);
  },
);

test.each([
  ['den', 'boss muted you in den for good'],
  [undefined, 'boss muted you on the whole server for good'],
])('who is muted in %j reads where that holds', (room, text) => {
  const muted = { type: 'muted', room, by: 'boss', reason: '', isMuted: true, until: undefined } as const;
  expect(presentNotification(muted, ANN)?.content).toEqual({ type: 'error', text });
});
