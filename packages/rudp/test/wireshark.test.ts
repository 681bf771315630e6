import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { proofBytes, publicKeyBytes } from '../src/core/handshake/handshake.ts';
import { cipherCodes, ParameterId } from '../src/core/handshake/transport-parameters.ts';
import { RejectCode, tagBytes } from '../src/core/index.ts';
import { synBytesMin } from '../src/core/limits.ts';
import { connectionIdBytes } from '../src/core/packets/connection-id.ts';
import { commonHeaderBytes, dataHeaderBytes, PacketType } from '../src/core/packets/packet.ts';
import { resetTokenBytes } from '../src/core/states/stateless-reset.ts';

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
    ...luaConstants('PARAMETER', ParameterId),
    ...luaConstants('CIPHER', cipherCodes),
    ...luaConstants('REJECT', RejectCode),
    COMMON_HEADER_BYTES: commonHeaderBytes,
    DATA_HEADER_BYTES: dataHeaderBytes,
    CONNECTION_ID_BYTES: connectionIdBytes,
    TAG_BYTES: tagBytes,
    SYN_BYTES: synBytesMin,
    PUBLIC_KEY_BYTES: publicKeyBytes,
    PROOF_BYTES: proofBytes,
    RESET_TOKEN_BYTES: resetTokenBytes,
  });
});

test('the Wireshark dissector knows how to take every type of packet apart', () => {
  const table = /local dissectors = \{([^}]*)\}/.exec(dissector)?.[1] ?? '';
  const names = [...table.matchAll(/\[(TYPE_\w+)\] = dissect\w+/g)].map(([, name]) => name);
  expect(names.toSorted()).toEqual(Object.keys(luaConstants('TYPE', PacketType)).toSorted());
});
