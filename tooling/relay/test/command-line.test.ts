import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Program, sourceCommand } from '@parley/programs';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';

test('percent become ratios and Mbit/s bits per second, for both directions or each its own', () => {
  const line = '--target 127.0.0.1:7 --loss 10 --duplicate 5,0 --rate 1.5 --delay 20 --seed x --port 9';
  expect(parseCommandLine(line.split(' '))).toEqual({
    target: { host: '127.0.0.1', port: 7 },
    toTarget: { loss: 0.1, duplicateRatio: 0.05, rateBitsPerSecond: 1.5e6, delayMs: 20 },
    fromTarget: { loss: 0.1, duplicateRatio: 0, rateBitsPerSecond: 1.5e6, delayMs: 20 },
    seed: 'x',
    port: 9,
  });
});

test('IPv6 targets stand in brackets', () => {
  expect(parseCommandLine(['--target', '[::1]:7'])).toMatchObject({
    target: { host: '::1', port: 7 },
    seed: '1',
  });
});

test.each([
  [[], 'expected --target'],
  [['--target', 'nowhere'], 'expected --target HOST:PORT, got nowhere'],
  [['--target', 'a:70000'], 'expected a port'],
  [['--target', 'a:1', '--loss', 'much'], 'expected --loss NUMBER'],
  [['--target', 'a:1', '--loss', '1,2,3'], 'expected --loss NUMBER'],
  [['--target', 'a:1', '--loss', '1,'], 'expected --loss NUMBER'],
  [['--target', 'a:1', '--lose', '1'], "Unknown option '--lose'"],
])('%j is refused with a reason', (args, reason) => {
  expect(() => parseCommandLine(args)).toThrow(reason);
});

test('the program says where it listens, relays, and ends with its statistics', async () => {
  const target = createSocket('udp4');
  target.bind(0, '127.0.0.1');
  await once(target, 'listening');
  const main = new URL('../src/main.ts', import.meta.url);
  const relay = new Program([...sourceCommand(main), '--target', `127.0.0.1:${target.address().port}`]);
  try {
    const [, port] = await relay.stdout.line(/^relaying 127\.0\.0\.1:(\d+) -> 127\.0\.0\.1:\d+ seed=1$/);
    const client = createSocket('udp4');
    client.send('hello', Number(port), '127.0.0.1');
    const [bytes] = await once(target, 'message');
    client.close();
    expect(String(bytes)).toBe('hello');
    expect(await relay.stop()).toEqual({ code: 0, signal: null });
    const [, statistics = ''] = relay.stdout.lines;
    expect(JSON.parse(statistics)).toMatchObject({ toTarget: { packetsDelivered: 1 } });
  } finally {
    await relay.kill();
    target.close();
  }
});
