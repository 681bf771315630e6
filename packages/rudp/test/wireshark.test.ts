import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROOF_BYTES, PUBLIC_KEY_BYTES } from '../src/core/handshake/handshake.ts';
import { CIPHER_CODES, ParameterId } from '../src/core/handshake/transport-parameters.ts';
import { RejectCode, TAG_BYTES } from '../src/core/index.ts';
import { SYN_BYTES_MIN } from '../src/core/limits.ts';
import { CONNECTION_ID_BYTES, SHORT_ID_BYTES } from '../src/core/packets/connection-id.ts';
import { COMMON_HEADER_BYTES, DataBit, PacketType } from '../src/core/packets/packet.ts';
import { RESET_TOKEN_BYTES } from '../src/core/states/stateless-reset.ts';

const dissector = readFileSync(new URL('../../../docs/wireshark/rudp.lua', import.meta.url), 'utf8');

/** `{ synAck: 2 }` as Lua has it: `{ TYPE_SYN_ACK: 2 }`. */
function luaConstants(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  const luaName = (name: string) =>
    `${prefix}_${name.replaceAll('-', '_').replace(/[A-Z]/g, '_$&')}`.toUpperCase();
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [luaName(name), value]));
}

test('the constants of the Wireshark dissector are those of the code, all of them', () => {
  const constants = [...dissector.matchAll(/^local ([A-Z][A-Z\d_]*) = (.+)$/gm)];
  expect(Object.fromEntries(constants.map(([, name, value]) => [name, Number(value)]))).toEqual({
    ...luaConstants('TYPE', PacketType),
    ...luaConstants('DATA', DataBit),
    ...luaConstants('PARAMETER', ParameterId),
    ...luaConstants('CIPHER', CIPHER_CODES),
    ...luaConstants('REJECT', RejectCode),
    COMMON_HEADER_BYTES: COMMON_HEADER_BYTES,
    CONNECTION_ID_BYTES: CONNECTION_ID_BYTES,
    SHORT_ID_BYTES: SHORT_ID_BYTES,
    TAG_BYTES: TAG_BYTES,
    SYN_BYTES: SYN_BYTES_MIN,
    PUBLIC_KEY_BYTES: PUBLIC_KEY_BYTES,
    PROOF_BYTES: PROOF_BYTES,
    RESET_TOKEN_BYTES: RESET_TOKEN_BYTES,
  });
});

test('the Wireshark dissector knows how to take every type of packet apart', () => {
  const table = /local dissectors = \{([^}]*)\}/.exec(dissector)?.[1] ?? '';
  const names = [...table.matchAll(/\[(TYPE_\w+)\] = dissect\w+/g)].map(([, name]) => name);
  expect(names.toSorted()).toEqual(Object.keys(luaConstants('TYPE', PacketType)).toSorted());
});
