import { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { DecodeError, EncodeError } from '../errors.ts';
import { type Fields, type FieldsValue, fieldsBytesMax, readFields, writeFields } from '../fields.ts';
import { encodeFrame, encodeFrameOf, type Frame, IGNORABLE_TYPE_MIN } from '../frame.ts';
import { FrameDecoder } from '../frame-decoder.ts';

/** The bodies of all messages of one direction, by the message's type. */
export type MessageSchemas = { readonly [type: string]: Fields };

type Simplify<T> = { [Key in keyof T]: T[Key] } & {};

/** The union of all messages of one direction, told apart by `type`. */
export type MessageOf<Schemas extends MessageSchemas> = {
  [Type in keyof Schemas & string]: Simplify<{ readonly type: Type } & FieldsValue<Schemas[Type]>>;
}[keyof Schemas & string];

/** Turns messages of one direction into frames and back. */
export interface MessageCodec<Message extends { readonly type: string }> {
  /** The frame of a message, whole. Throws `EncodeError` when a value is outside its limits. */
  encode(message: Message): Uint8Array;
  /** The message in a frame; `undefined` when its type is unknown and may be skipped. Throws `DecodeError`. */
  decode(frame: Frame): Message | undefined;
  /** A decoder for one connection. */
  createDecoder(): MessageDecoder<Message>;
  /** The largest frame (without its length field) that a message of each type takes. */
  readonly frameBytesMaxByType: { readonly [type: string]: number };
  /** The largest frame (without its length field) of this direction. */
  readonly frameBytesMax: number;
}

/** Turns a stream of bytes into messages. Use as `FrameDecoder`: `push`, then `next` until `undefined`. */
export class MessageDecoder<Message extends { readonly type: string }> {
  readonly #frames: FrameDecoder;
  readonly #decode: (frame: Frame) => Message | undefined;
  #error: DecodeError | undefined;

  constructor(frameBytesMax: number, decode: (frame: Frame) => Message | undefined) {
    this.#frames = new FrameDecoder({ frameBytesMax });
    this.#decode = decode;
  }

  /** Bytes kept for a message that is not complete. */
  get bufferedBytes(): number {
    return this.#frames.bufferedBytes;
  }

  /** Whether the stream so far ends exactly at the end of a message. */
  get isAtFrameBoundary(): boolean {
    return this.#frames.isAtFrameBoundary;
  }

  /** Gives the decoder the next bytes. It must have been emptied with `next` before. */
  push(chunk: Uint8Array): void {
    this.#frames.push(chunk);
  }

  /** The next message, `undefined` when more bytes are needed. After a `DecodeError` every call throws it again. */
  next(): Message | undefined {
    if (this.#error !== undefined) throw this.#error;
    try {
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        const message = this.#decode(frame);
        if (message !== undefined) return message;
      }
      return undefined;
    } catch (error) {
      if (error instanceof DecodeError) this.#error = error;
      throw error;
    }
  }
}

/**
 * What a schema does, for a type of which there are very many messages: to go through a schema takes a look-up by name for each
 * field, half of what such a message costs. The fields and their order are the same. A type has a shortcut one way only: what it
 * writes the schema reads, so that each test of both ways compares them.
 */
interface Shortcut<Message> {
  write?(writer: ByteWriter, message: Message): void;
  read?(reader: ByteReader): Message;
}

type Shortcuts<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]?: Shortcut<Extract<Message, { type: Type }>>;
};

/** What is known of a type. */
interface Kind<Message> extends Shortcut<Message> {
  readonly type: string;
  readonly typeByte: number;
  readonly fields: Fields;
}

/** Makes the codec of one direction from its schemas and its type bytes. */
export function createMessageCodec<Schemas extends MessageSchemas>(options: {
  readonly schemas: Schemas;
  readonly typeBytes: { readonly [Type in keyof Schemas]: number };
  readonly frameBytesMax: number;
  readonly shortcuts?: Shortcuts<MessageOf<Schemas>>;
}): MessageCodec<MessageOf<Schemas>> {
  const { schemas, typeBytes, frameBytesMax } = options;
  type Message = MessageOf<Schemas>;
  const shortcuts = (options.shortcuts ?? {}) as { readonly [type: string]: Shortcut<Message> };
  const frameBytesMaxByType: { [type: string]: number } = {};
  // A property by a name that came in a message would be looked up anew for each.
  const kinds = new Map<string, Kind<Message>>();
  const kindsByByte = new Map<number, Kind<Message>>();
  for (const [type, fields] of Object.entries(schemas)) {
    const typeByte = typeBytes[type] as number;
    const kind = { type, typeByte, fields, ...shortcuts[type] };
    kinds.set(type, kind);
    kindsByByte.set(typeByte, kind);
    frameBytesMaxByType[type] = 1 + fieldsBytesMax(fields);
  }

  function encode(message: Message): Uint8Array {
    const type: string = message.type;
    const kind = kinds.get(type);
    if (kind === undefined) throw new EncodeError('value-invalid', `no message has the type "${type}"`);
    const { typeByte, write } = kind;
    if (write !== undefined) {
      try {
        return encodeFrameOf(typeByte, frameBytesMax, write, message);
      } catch (error) {
        // The schema knows which field it was.
        if (!(error instanceof EncodeError)) throw error;
      }
    }
    return encodeFrame(typeByte, frameBytesMax, (writer) => writeBySchema(writer, kind, message));
  }

  function writeBySchema(writer: ByteWriter, { type, fields }: Kind<Message>, message: Message): void {
    try {
      writeFields(writer, fields, message as unknown as FieldsValue<Fields>);
    } catch (error) {
      if (error instanceof EncodeError) throw new EncodeError(error.code, `${type}.${error.message}`);
      throw error;
    }
  }

  function decode(frame: Frame): Message | undefined {
    const kind = kindsByByte.get(frame.type);
    if (kind === undefined) {
      // CHAT-FRAME-5
      if (frame.type >= IGNORABLE_TYPE_MIN) return undefined;
      throw new DecodeError('type-unknown', `no message has the type byte ${frame.type}`);
    }
    const { read } = kind;
    if (read !== undefined) {
      try {
        return read(readerOf(frame));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
      }
    }
    return readBySchema(kind, frame);
  }

  function readBySchema({ type, fields }: Kind<Message>, frame: Frame): Message {
    try {
      return readFields(readerOf(frame), fields, type) as unknown as Message;
    } catch (error) {
      if (error instanceof DecodeError) throw new DecodeError(error.code, `${type}.${error.message}`);
      throw error;
    }
  }

  return {
    encode,
    decode,
    createDecoder: () => new MessageDecoder(frameBytesMax, decode),
    frameBytesMaxByType,
    frameBytesMax,
  };
}

function readerOf({ bytes, start, end }: Frame): ByteReader {
  return new ByteReader(bytes, start, end);
}
