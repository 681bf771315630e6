import { expect, test } from 'vitest';
import { parseAddress, parsePlace } from '../src/address.ts';

test.each([
  ['chat.example', { host: 'chat.example', port: 8255 }],
  ['chat.example:9000', { host: 'chat.example', port: 9000 }],
  [' 127.0.0.1:1 ', { host: '127.0.0.1', port: 1 }],
  ['[::1]', { host: '::1', port: 8255 }],
  ['[::1]:9000', { host: '::1', port: 9000 }],
  ['::1', { host: '::1', port: 8255 }],
  ['fe80::1%eth0', { host: 'fe80::1%eth0', port: 8255 }],
  ['dead:beef::1:2', { host: 'dead:beef::1:2', port: 8255 }],
])('%j is an address', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test.each([
  '',
  '  ',
  ':9000',
  'host:',
  'host:0',
  'host:65536',
  'host:http',
  'a b',
  'http://host',
  'user@host',
  'a:b:x',
])('%j is none', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each([
  ['parley://host:9/den', { host: 'host', port: 9, room: 'den' }],
  ['parley://host/', { host: 'host', port: 8255, room: undefined }],
  ['PARLEY://[::1]:9/caf%C3%A9', { host: '::1', port: 9, room: 'café' }],
  ['host:9', { host: 'host', port: 9, room: undefined }],
  ['parley://host/%ff', undefined],
  ['parley://ho st/den', undefined],
  ['http://host/den', undefined],
  ['parley:///den', undefined],
])('the link %s leads to %o', (text, expected) => {
  expect(parsePlace(text)).toEqual(expected);
});
