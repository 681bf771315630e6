import { describe, expect, test } from 'vitest';
import {
  CLIENT_FRAME_BYTES_MAX,
  CLIENT_TYPE_BYTES,
  clientMessages,
  DecodeError,
  type MessageCodec,
  type MessageText,
  SERVER_FRAME_BYTES_MAX,
  SERVER_TYPE_BYTES,
  serverMessages,
} from '../src/index.ts';
import { goldenClientMessages, goldenServerMessages } from './golden-messages.ts';
import { byteByByte, concatenate, decodeAll, fromHex, nick, room, toHex } from './support.ts';

type AnyMessage = { readonly type: string };
const directions = [
  {
    direction: 'client',
    codec: clientMessages as unknown as MessageCodec<AnyMessage>,
    golden: goldenClientMessages as readonly (readonly [AnyMessage, string])[],
    typeBytes: CLIENT_TYPE_BYTES,
    frameBytesMax: CLIENT_FRAME_BYTES_MAX,
  },
  {
    direction: 'server',
    codec: serverMessages as unknown as MessageCodec<AnyMessage>,
    golden: goldenServerMessages as readonly (readonly [AnyMessage, string])[],
    typeBytes: SERVER_TYPE_BYTES,
    frameBytesMax: SERVER_FRAME_BYTES_MAX,
  },
];

describe.each(directions)('messages of a $direction', ({ codec, golden, typeBytes, frameBytesMax }) => {
  test('every type has pinned bytes and one type byte', () => {
    expect(new Set(golden.map(([message]) => message.type))).toEqual(new Set(Object.keys(typeBytes)));
    expect(new Set(Object.values(typeBytes)).size).toBe(Object.keys(typeBytes).length);
  });

  // CHAT-FRAME-1, CHAT-FIELD-1, CHAT-FIELD-2, CHAT-FIELD-4, CHAT-FIELD-5, CHAT-FIELD-7, CHAT-HELLO-5
  test.each(golden)('$type has the pinned bytes', (message, hex) => {
    expect(toHex(codec.encode(message))).toBe(hex.replace(/\s/g, ''));
  });

  test.each(golden)('$type is read from the pinned bytes', (message, hex) => {
    expect(decodeAll(codec.createDecoder(), [fromHex(hex)])).toEqual([message]);
  });

  // CHAT-FRAME-2
  test('all messages in one stream are read the same whole, byte by byte, and in two parts cut anywhere', () => {
    const messages = golden.map(([message]) => message);
    const stream = concatenate(...golden.map(([, hex]) => fromHex(hex)));
    expect(decodeAll(codec.createDecoder(), [stream])).toEqual(messages);
    expect(decodeAll(codec.createDecoder(), byteByByte(stream))).toEqual(messages);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const parts = [stream.subarray(0, cut), stream.subarray(cut)];
      expect(decodeAll(codec.createDecoder(), parts)).toEqual(messages);
    }
  });

  test.each(golden)('$type that has not arrived completely is not read, and is no error', (_message, hex) => {
    const frame = fromHex(hex);
    for (let length = 0; length < frame.length; length += 1) {
      const decoder = codec.createDecoder();
      expect(decodeAll(decoder, [frame.subarray(0, length)])).toEqual([]);
      expect(decoder.isAtFrameBoundary).toBe(length === 0);
      expect(decoder.bufferedBytes).toBe(length);
    }
  });

  // CHAT-FIELD-8
  test.each(golden)('a frame of $type whose body ends too early is a DecodeError', (_message, hex) => {
    const [, ...typeAndBody] = hex.trim().split(/\s+/);
    const whole = fromHex(typeAndBody.join(''));
    for (let length = 1; length < whole.length; length += 1) {
      const error = errorOf(() => decodeAll(codec.createDecoder(), [frameOf(whole.subarray(0, length))]));
      expect(error).toMatchObject({ name: 'DecodeError', code: 'body-truncated' });
    }
  });

  // CHAT-FIELD-9
  test.each(golden)('bytes after the fields of $type are ignored', (message, hex) => {
    const [, ...typeAndBody] = hex.trim().split(/\s+/);
    const longer = frameOf(concatenate(fromHex(typeAndBody.join('')), Uint8Array.of(1, 2, 3)));
    expect(decodeAll(codec.createDecoder(), [longer])).toEqual([message]);
  });

  // CHAT-FRAME-3
  test('the largest message of every type fits into a frame', () => {
    for (const bytes of Object.values(codec.frameBytesMaxByType))
      expect(bytes).toBeLessThanOrEqual(frameBytesMax);
  });

  // CHAT-FRAME-5
  test('unknown types from 0x80 on are skipped, below they are an error', () => {
    const [message, hex] = golden[0] as readonly [AnyMessage, string];
    for (let type = 0; type <= 0xff; type += 1) {
      if ((Object.values(typeBytes) as number[]).includes(type)) continue;
      const stream = concatenate(frameOf(Uint8Array.of(type, 1, 2)), fromHex(hex));
      if (type >= 0x80) {
        expect(decodeAll(codec.createDecoder(), [stream])).toEqual([message]);
      } else {
        expect(errorOf(() => decodeAll(codec.createDecoder(), [stream]))).toMatchObject({
          code: 'type-unknown',
        });
      }
    }
  });

  test('the type of a message that was made up by the caller is refused', () => {
    expect(() => codec.encode({ type: 'no-such-message' })).toThrow(
      'no message has the type "no-such-message"',
    );
  });
});

// CHAT-FIELD-9
test('what a newer server adds to an entry of a list is ignored', () => {
  const newer = fromHex(
    '00000025 44 00000004 0005 6c6f626279 0001 0010 0003 626f62 0000018bcfe56801 aabbcc 01 0002 3137 ffff',
  );
  expect(decodeAll(serverMessages.createDecoder(), [newer])).toEqual([
    {
      type: 'users',
      requestId: 4,
      room: 'lobby',
      users: [{ nickname: 'bob', joinedAt: 1_700_000_000_001 }],
      nextCursor: '17',
    },
  ]);
});

// CHAT-FRAME-6
test('after an error a decoder only repeats it, and gives what came before it', () => {
  const decoder = clientMessages.createDecoder();
  decoder.push(concatenate(fromHex('00000005 01 00000001'), fromHex('00000005 7f 00000001')));
  expect(decoder.next()).toEqual({ type: 'ping', nonce: 1 });
  const error = errorOf(() => decoder.next());
  expect(error).toBeInstanceOf(DecodeError);
  decoder.push(fromHex('00000005 01 00000002'));
  expect(errorOf(() => decoder.next())).toBe(error);
});

test('an error names the message and the field', () => {
  expect(() => clientMessages.encode({ type: 'leave', reason: 'x'.repeat(257) })).toThrow(
    'leave.reason: text has at most 256 bytes, this one has 257',
  );
  const leave = fromHex('00000006 18 0003 ffffff');
  expect(() => decodeAll(clientMessages.createDecoder(), [leave])).toThrow(
    'leave.reason: text has to be well-formed UTF-8',
  );
});

test('so does one of a message that takes the shortcut', () => {
  const accepted = { type: 'accepted', requestId: 1, epoch: 1, sequence: -1, time: 1 } as const;
  expect(() => serverMessages.encode(accepted)).toThrow(
    'accepted.sequence: expected a whole number from 0 to 9007199254740991, got -1',
  );
  const place = { room: room('lobby'), sequence: 1, time: 1, from: nick('bob'), target: 0 };
  const message = {
    type: 'message',
    ...place,
    kind: 'text',
    text: 'x'.repeat(4_097) as MessageText,
  } as const;
  expect(() => serverMessages.encode(message)).toThrow(
    'message.text: text has at most 4096 bytes, this one has 4097',
  );
  const say = frameOf(fromHex(`12 00000001 ${'00'.repeat(16)} 0001 61 0001 ff`));
  expect(() => decodeAll(clientMessages.createDecoder(), [say])).toThrow(
    'say.text: text has to be well-formed UTF-8',
  );
});

// CHAT-LOG-6
test('a message of 100 characters takes less than 130 bytes', () => {
  const said = { sequence: 1_000_000, time: Date.UTC(2030), kind: 'text', target: 0 } as const;
  const text = 'x'.repeat(100) as MessageText;
  const message = { type: 'message', room: room('lobby'), from: nick('m101'), ...said, text } as const;
  expect(serverMessages.encode(message)).toHaveLength(128);
});

/** A frame around a type byte and a body. */
function frameOf(typeAndBody: Uint8Array): Uint8Array {
  return concatenate(Uint8Array.of(0, 0, typeAndBody.length >> 8, typeAndBody.length), typeAndBody);
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
