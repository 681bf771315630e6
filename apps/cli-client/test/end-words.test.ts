import { expect, test } from 'vitest';
import { endWords } from '../src/end-words.ts';

// CHAT-GOODBYE-2
test('who is not taken to the server again by the program is told when to come back, if there is a time', () => {
  const stopping = { kind: 'goodbye', code: 'server-stopping', message: 'back soon' } as const;
  const words = 'the server ended the connection (server-stopping): back soon';
  expect(endWords({ ...stopping, reconnectAfterMs: 5_001 })).toBe(`${words} (try again in 6 s)`);
  expect(endWords({ ...stopping, reconnectAfterMs: undefined })).toBe(words);
});

// CHAT-TLS-3
test('who asked for plain TCP where there is TLS is told what to leave away', () => {
  const end = {
    kind: 'goodbye',
    code: 'tls-required',
    message: 'TLS, please',
    reconnectAfterMs: undefined,
  } as const;
  expect(endWords(end)).toContain('TLS, please (leave --insecure away)');
});
