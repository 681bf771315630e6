// Properties over random input, the same in every run. For other input change the seed; a failure prints the path to its
// smallest counterexample.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ClientMessage,
  type ClientMessageId,
  clientMessages,
  DecodeError,
  ENTRY_KINDS,
  type EntryKind,
  FAILURE_CODES,
  type FailureCode,
  FILE_ORDERS,
  type FileOrder,
  type MessageCodec,
  nicknameKey,
  parseFileName,
  parseMessageText,
  parseNickname,
  type ServerMessage,
  type Sha256,
  serverMessages,
  type TransferId,
  type UserSecret,
} from '../src/index.ts';
import { goldenClientMessages, goldenServerMessages } from './golden-messages.ts';
import { byteByByte, concatenate, decodeAll, file, fromHex, nick, room, text } from './support.ts';

fc.configureGlobal({ seed: 20_261_122 });

const words = (bytesMax: number) =>
  fc
    .string({ unit: 'grapheme', maxLength: bytesMax })
    .filter((value) => Buffer.byteLength(value) <= bytesMax);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u53 = fc.maxSafeNat();
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const messageId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => new Uint8Array(bytes) as ClientMessageId);
const nickname = fc.constantFrom('ann', 'Zoë', '李雷', '[bot]', 'x'.repeat(32)).map(nick);
const shown = words(200).filter((value) => parseMessageText(`x${value}`).ok);
const typed = words(120);

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((value) => value as Sha256);
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((value) => value as UserSecret);

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), versionMin: u16, versionMax: u16, agent: words(64) }),
  fc.record({ type: fc.constant('register' as const), requestId: u32, nickname: typed, secret }),
  fc.record({
    type: fc.constant('say' as const),
    requestId: u32,
    clientMessageId: messageId,
    room: typed,
    text: words(4_096),
  }),
  fc.record({
    type: fc.constant('list-files' as const),
    requestId: u32,
    cursor: optional(words(300)),
    limit: u16,
    pattern: words(80),
    order: fc.constantFrom(...(Object.keys(FILE_ORDERS) as FileOrder[])),
  }),
  fc.record({
    type: fc.constant('request-transfer' as const),
    requestId: u32,
    name: typed,
    chunkRoot: optional(digest),
    ranges: optional(fc.array(fc.record({ start: u53, end: u53 }), { maxLength: 20 })),
    version: optional(fc.record({ size: u53, modifiedAt: u53 })),
  }),
  fc.record({
    type: fc.constant('cancel-transfer' as const),
    requestId: u32,
    transferId: u53.map((number) => number as TransferId),
  }),
);

const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('message' as const),
    room: fc.constant(room('lobby')),
    sequence: u53,
    time: u53,
    from: nickname,
    kind: fc.constantFrom(...(Object.keys(ENTRY_KINDS) as EntryKind[])),
    target: u53,
    text: optional(shown.map((value) => text(`x${value}`))),
  }),
  fc.record({
    type: fc.constant('users' as const),
    requestId: u32,
    room: fc.constant(room('lobby')),
    users: fc.array(fc.record({ nickname, joinedAt: u53 }), { maxLength: 50 }),
    nextCursor: optional(words(100)),
  }),
  fc.record({
    type: fc.constant('files' as const),
    requestId: u32,
    files: fc.array(
      fc.record({ name: fc.constant(file('a.iso')), size: u53, modifiedAt: u53, sha256: optional(digest) }),
      { maxLength: 50 },
    ),
    nextCursor: optional(words(100)),
  }),
  fc.record({
    type: fc.constant('failed' as const),
    requestId: u32,
    code: fc.constantFrom(...(Object.keys(FAILURE_CODES) as FailureCode[])),
    message: shown,
    retryAfterMs: optional(u32),
  }),
);

/** Cuts bytes into pieces of the given sizes, over and over. */
function* inPieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

function staysTheSame<Message extends { readonly type: string }>(
  codec: MessageCodec<Message>,
  message: fc.Arbitrary<Message>,
): void {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), pieceSizes, (messages, sizes) => {
      const stream = concatenate(...messages.map((one) => codec.encode(one)));
      expect(decodeAll(codec.createDecoder(), inPieces(stream, sizes))).toEqual(messages);
    }),
    { numRuns: 200 },
  );
}

// CHAT-FRAME-2
test('what a client encodes is decoded to the same, in pieces of any size', () => {
  staysTheSame(clientMessages, clientMessage);
});

// CHAT-FRAME-2
test('what a server encodes is decoded to the same, in pieces of any size', () => {
  staysTheSame(serverMessages, serverMessage);
});

/** Messages and the error that ended them, if any. Anything but a `DecodeError` is a failure of the test. */
function outcomeOf<Message extends { readonly type: string }>(
  codec: MessageCodec<Message>,
  chunks: Iterable<Uint8Array>,
): { messages: Message[]; code: string | undefined } {
  const decoder = codec.createDecoder();
  const messages: Message[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let message = decoder.next(); message !== undefined; message = decoder.next())
        messages.push(message);
    }
    return { messages, code: undefined };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { messages, code: error.code };
  }
}

const goldenFrames = [...goldenClientMessages, ...goldenServerMessages].map(([, hex]) => fromHex(hex));

/** Valid frames of both directions with a few bytes changed: these reach deeper than random bytes do. */
const damagedFrames = fc
  .tuple(
    fc.array(fc.constantFrom(...goldenFrames), { minLength: 1, maxLength: 5 }),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
  )
  .map(([frames, changes]) => {
    const stream = concatenate(...frames);
    for (const [at, byte] of changes) stream[at % stream.length] = byte;
    return stream;
  });

// CHAT-FRAME-6
test.each([
  ['client', clientMessages as unknown as MessageCodec<{ readonly type: string }>],
  ['server', serverMessages as unknown as MessageCodec<{ readonly type: string }>],
])('any bytes are messages of a %s or a DecodeError, the same whole and byte by byte', (_side, codec) => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damagedFrames), (bytes) => {
      const stream = new Uint8Array(bytes);
      const whole = outcomeOf(codec, [stream]);
      const pieces = outcomeOf(codec, byteByByte(stream));
      expect(pieces).toEqual(whole);
      // What was read can be said again.
      for (const message of pieces.messages)
        expect(decodeAll(codec.createDecoder(), [codec.encode(message)])).toEqual([message]);
    }),
    { numRuns: 1_000 },
  );
});

// CHAT-NICK-4
test('a nickname parses to itself, and its key does not depend on how it was typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (typedName) => {
      const parsed = parseNickname(typedName);
      if (!parsed.ok) return;
      expect(parseNickname(parsed.value)).toEqual(parsed);
      const decomposed = parseNickname(parsed.value.normalize('NFD'));
      if (decomposed.ok) expect(nicknameKey(decomposed.value)).toBe(nicknameKey(parsed.value));
    }),
  );
});

// CHAT-FILE-1
test('a file name never has a part that a path could use', () => {
  const part = fc.constantFrom('..', '.', '/', '\\', 'a', ' ', '\u0000', '\u202e', '日', '\n', '~', 'C:');
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
      (name) => {
        if (parseFileName(name).ok) expect(name).toMatch(/^[^./\\\p{Cc}\u202e][^/\\\p{Cc}\u202e]*$/u);
      },
    ),
  );
});
