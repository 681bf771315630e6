import { setTimeout as after } from 'node:timers/promises';
import type { Random } from '@parley/netsim';
import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessage,
  type ClientMessageId,
  clientMessages,
  NICKNAME_BYTES_MAX,
  NICKNAME_CHARACTERS_MAX,
  USER_SECRET_BYTES,
  type UserSecret,
} from '@parley/protocol';
import type { Manner } from '../plan.ts';
import type { RawClient } from '../raw-client.ts';

/** What an attack works with. */
export interface AttackOptions {
  readonly manner: Manner;
  readonly name: string;
  readonly victim: string;
  readonly random: Random;
}

/** More than a connection may say at once (CHAT-FLOOD-1), and than it is refused before it has to go (CHAT-FLOOD-2). */
const FLOOD = 800;
const SLOW_PAUSE_MS = 300;
/** A ClientHello begins like this, and would go on for 512 bytes. */
const HALF_CLIENT_HELLO = Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03);

/** Carries out an attack; gives the texts that were sent, by the numbers of their requests. */
export async function attack(
  client: RawClient,
  options: AttackOptions,
): Promise<ReadonlyMap<number, string>> {
  const { manner, name, victim, random } = options;
  const texts = new Map<number, string>();
  const say = (requestId: number): ClientMessage => {
    const text = `${name} says ${requestId}`;
    texts.set(requestId, text);
    const clientMessageId = random.bytes(CLIENT_MESSAGE_ID_BYTES) as Uint8Array as ClientMessageId;
    return { type: 'say', requestId, clientMessageId, room: 'lobby', text };
  };
  switch (manner) {
    case 'garbage':
    case 'plain':
      client.write(random.bytes(random.integer(1, 40_000)));
      break;
    case 'half-handshake':
      client.write(HALF_CLIENT_HELLO);
      break;
    case 'silent':
      break;
    case 'slow':
      await dribble(client, clientMessages.encode(HELLO));
      break;
    case 'half-frame':
      enter(client, name, random);
      client.write(clientMessages.encode(say(2)).subarray(0, random.integer(1, 40)));
      // Half a message is not one that was sent.
      texts.clear();
      if (random.chance(0.5)) client.socket.end();
      break;
    case 'mutant':
      enter(client, name, random);
      for (let index = 0; index < 20; index += 1)
        client.write(mutated(clientMessages.encode(say(2)), random));
      texts.clear();
      break;
    case 'flood':
      enter(client, name, random);
      client.send(say(2));
      // Whoever is sent away hears of nothing more: this one has been accepted by then.
      await client.hears('accepted');
      for (let index = 3; index < FLOOD; index += 1) client.send(say(index));
      break;
    case 'deaf':
      enter(client, name, random);
      client.socket.pause();
      for (let index = 2; index < FLOOD; index += 1) client.send(greedy(index));
      break;
    case 'long-name':
      for (const length of [NICKNAME_CHARACTERS_MAX + 1, NICKNAME_BYTES_MAX])
        enter(client, 'n'.repeat(length), random);
      client.write(tooLongName(random));
      break;
    case 'thief':
      for (const stolen of [victim, victim.toUpperCase(), `\u0442${victim.slice(1)}`])
        enter(client, stolen, random);
      break;
    default:
      manner satisfies never;
  }
  return texts;
}

const HELLO: ClientMessage = { type: 'hello', versionMin: 1, versionMax: 1, agent: 'hostile' };

/** Says hello the first time, and asks for a name. */
function enter(client: RawClient, nickname: string, random: Random): void {
  const secret = random.bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret;
  if (client.socket.bytesWritten === 0) client.send(HELLO);
  client.send({ type: 'register', requestId: 1, nickname, secret });
}

/** A byte at a time, and never the last one. */
async function dribble(client: RawClient, bytes: Uint8Array): Promise<void> {
  for (const byte of bytes.subarray(0, -1)) {
    if (client.isOver) return;
    client.write(Uint8Array.of(byte));
    await after(SLOW_PAUSE_MS);
  }
}

/** A request with the largest answer there is. */
function greedy(requestId: number): ClientMessage {
  const place = { direction: 'before', epoch: 0, sequence: Number.MAX_SAFE_INTEGER, limit: 0 } as const;
  return { type: 'read-history', requestId, room: 'lobby', ...place };
}

/** A nickname of more bytes than its field may have: no encoder of ours makes one. */
function tooLongName(random: Random): Uint8Array {
  const frame = clientMessages.encode({
    type: 'register',
    requestId: 1,
    nickname: 'n'.repeat(NICKNAME_BYTES_MAX),
    secret: random.bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret,
  });
  // Length of the frame, its type, the number of the request: then the length of the name.
  new DataView(frame.buffer, frame.byteOffset).setUint16(9, NICKNAME_BYTES_MAX + 1);
  return frame;
}

function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = bytes.slice();
  changed[random.integer(0, changed.length - 1)] = random.integer(0, 255);
  return changed;
}
