import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../src/core/index.ts';
import { HALF_OPEN_CONNECTIONS_MAX, REASSEMBLY_RANGES_MAX, RECEIVED_RANGES_MAX } from '../src/core/limits.ts';
import { SentPackets } from '../src/core/recovery/sent-packets.ts';
import * as exported from '../src/index.ts';
import { RudpListener } from '../src/node/listener.ts';
import { RudpConnection } from '../src/node/rudp-connection.ts';
import { TransportPair } from './support/transport-pair.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const readme = read('README.md');
const MEBIBYTE = 1 << 20;

/** The rows of the table whose first column is headed so, as their cells. */
function tableOf(heading: string): string[][] {
  const [, table = ''] = readme.split(`\n| ${heading} |`);
  const [, , ...rows] = (table.split('\n\n')[0] ?? '').split('\n');
  return rows.map((row) => row.split('|').map((cell) => cell.trim()));
}

/** The names in the first column, without arguments. */
function namesIn(heading: string): string[] {
  return tableOf(heading).flatMap(([, first = '']) =>
    [...first.matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name as string),
  );
}

/** Everything in backquotes. */
const quoted = new Set([...readme.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text as string));

/** Names that `src/index.ts` exports, types included. */
function exportedNames(): string[] {
  return [...read('src/index.ts').matchAll(/\{([^}]*)\}/g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.replace('type ', '').trim())
    .filter((name) => name !== '');
}

/** The fields that an interface declares itself. */
function fieldsOf(path: string, name: string): string[] {
  const [, body = ''] = read(path).split(`export interface ${name} `);
  const [fields = ''] = body.split('\n}');
  return [...fields.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field as string);
}

/** The public members that a class adds to what it extends. */
function membersOf(type: { prototype: object }, path: string, hidden: readonly string[]): string[] {
  const methods = Object.getOwnPropertyNames(type.prototype).filter((name) => /^[a-z]/.test(name));
  const fields = [...read(path).matchAll(/^ {2}readonly ([a-z]\w*):/gm)].map(([, name]) => name as string);
  return [...methods, ...fields].filter((name) => !['constructor', 'on', 'once', ...hidden].includes(name));
}

/** The words of a union of strings. */
function wordsOf(path: string, pattern: RegExp): string[] {
  return [...read(path).matchAll(pattern)].map(([, word]) => word as string);
}

const sorted = (names: readonly string[]) => [...new Set(names)].toSorted();

function asInTable(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `\`${item}\``).join(', ');
  if (typeof value !== 'number') return `\`${value}\``;
  return value.toLocaleString('en-US');
}

test('the reference names every export, and no other', () => {
  expect(sorted(namesIn('export'))).toEqual(sorted(exportedNames()));
});

test('the settings are those of RudpConfig, with their defaults', () => {
  expect(Object.fromEntries(tableOf('setting').map(([, name, value]) => [name, value]))).toEqual(
    Object.fromEntries(
      Object.entries(DEFAULT_CONFIG).map(([name, value]) => {
        const isMebibytes = name.includes('Bytes') && Number.isFinite(value) && Number(value) >= MEBIBYTE;
        return [`\`${name}\``, isMebibytes ? `${Number(value) / MEBIBYTE} MiB` : asInTable(value)];
      }),
    ),
  );
});

test('the options are those of the types', () => {
  const streamOptions = fieldsOf('src/node/rudp-connection.ts', 'RudpStreamOptions');
  const connectOptions = fieldsOf('src/node/connect.ts', 'ConnectOptions');
  expect(sorted(namesIn('option of `connect`'))).toEqual(sorted([...connectOptions, ...streamOptions]));
  const listenOptions = fieldsOf('src/node/listen.ts', 'ListenOptions');
  expect(sorted(namesIn('option of `listen`'))).toEqual(sorted([...listenOptions, 'allowHalfOpen']));
});

test('the members of connections and listeners are those of the classes', () => {
  const connection = membersOf(RudpConnection, 'src/node/rudp-connection.ts', [
    'connection',
    'driver',
    'signal',
  ]);
  expect(sorted(namesIn('member of a connection'))).toEqual(
    sorted(connection.filter((name) => name !== 'allowHalfOpen')),
  );
  const listener = membersOf(RudpListener, 'src/node/listener.ts', ['handleAccepted', 'handleFailure']);
  expect(sorted(namesIn('member of a listener'))).toEqual(sorted(listener));
});

test('the figures are those of statistics()', () => {
  const pair = TransportPair.open({ seed: 1 }).runToEstablished();
  expect(sorted(namesIn('figure of `statistics()`'))).toEqual(
    sorted(Object.keys(pair.clientConnection.statistics())),
  );
});

test.each([
  ['codes of an error', wordsOf('src/node/errors.ts', /^ {2}\| '([a-z-]+)'/gm)],
  ['ends of a connection', wordsOf('src/core/states/connection-end.ts', /readonly kind: '([a-z-]+)'/g)],
  ['codes of a refusal', Object.keys(exported.RejectCode)],
  ['codes of a reset', Object.keys(exported.ResetCode)],
  ['congestion controllers', wordsOf('src/core/congestion/create.ts', /case '([a-z-]+)'/g)],
])('all %s are named', (_, names) => {
  expect(names.length).toBeGreaterThan(2);
  expect(names.filter((name) => !quoted.has(name))).toEqual([]);
});

test('the bounds of the memory table are those of the code', () => {
  const bounds = Object.fromEntries(tableOf('held').map(([, held, bound]) => [held, bound]));
  const records = new SentPackets();
  const recordBytes = Object.values(records)
    .filter((column) => ArrayBuffer.isView(column))
    .reduce((sum, column) => sum + (column as Uint8Array).BYTES_PER_ELEMENT, 0);
  const count = (value: number) => value.toLocaleString('en-US');
  expect(bounds).toEqual({
    'bytes written and not acknowledged': `${(2 * DEFAULT_CONFIG.sendBufferBytesMax) / MEBIBYTE} MiB`,
    'bytes arrived and not read': `${(2 * DEFAULT_CONFIG.receiveWindowBytesMax) / MEBIBYTE} MiB`,
    'ranges of received stream bytes': count(REASSEMBLY_RANGES_MAX + 1),
    'ranges of received packet numbers': count(RECEIVED_RANGES_MAX),
    'records of sent packets': `${recordBytes} bytes each`,
    'addresses of the peer': '2',
  });
  expect(readme).toContain(`at most ${count(HALF_OPEN_CONNECTIONS_MAX)} half-open connections`);
});

test('an idle connection holds no buffers', () => {
  const pair = TransportPair.open({ seed: 1, clientFinishes: 'never', serverFinishes: 'never' });
  pair.runToEstablished();
  const { sendBufferBytes, receiveBufferBytes } = pair.serverConnection.statistics();
  expect([sendBufferBytes, receiveBufferBytes]).toEqual([0, 0]);
});
