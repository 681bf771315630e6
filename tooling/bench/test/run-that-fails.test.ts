// Peers that fail while they are measured: small programs in the words of src/peers/stream-driver.ts.
import { expect, test } from 'vitest';
import { runContest } from '../src/contest.ts';
import { loopback } from '../src/link/place.ts';
import { measure } from '../src/measure.ts';
import type { Peer } from '../src/peers/peer.ts';

const program = (script: string) => [process.execPath, '--eval', script];
const FOREVER = 'setInterval(() => {}, 1000);';
const READY = `process.stdout.write('READY\\n');`;
const START = `process.stdout.write('START ' + process.hrtime.bigint() + '\\n');`;
/** Longer than any test may take: it must not be waited for. */
const run = { place: loopback, seconds: 600, repetition: 1 };

function peer(scripts: { readonly receive?: string; readonly send?: string }): Peer {
  const { receive = READY + FOREVER, send = START + FOREVER } = scripts;
  const own = { helpers: [], congestionControl: undefined, environment: {} };
  return { name: 'peer', receive: program(receive), send: program(send), ...own };
}

test.each([
  ['sender', peer({ send: `${START} console.error('no route'); process.exit(1);` }), 'exit code 1 no route'],
  ['sender that says nothing', peer({ send: `${START} process.exit(0);` }), 'exit code 0'],
  ['receiver', peer({ receive: `${READY} setTimeout(() => process.abort(), 100);` }), 'SIGABRT'],
])('a %s that ends before its time is a failed run, at once', async (_, failing, reason) => {
  expect(await measure(failing, { ...run, bytes: undefined })).toMatchObject({
    peer: 'peer',
    error: expect.stringContaining(reason),
  });
});

test('a sender that fails before all bytes are there is not waited for', async () => {
  const failing = peer({ send: `${START} console.error('reset'); process.exit(1);` });
  expect(await measure(failing, { ...run, bytes: 1e6 })).toMatchObject({
    error: expect.stringContaining('reset'),
  });
});

test('a flow whose sender dies fails its contest', async () => {
  const failing = peer({ send: `${START} console.error('gone'); process.exit(1);` });
  await expect(runContest([peer({}), failing], { ...run, leadSeconds: 0 })).rejects.toThrow('gone');
});

test('the congestion control of the peer before is not that of the next one, which names none', async () => {
  const asked: (string | undefined)[] = [];
  const place = { ...loopback, useCongestionControl: (name: string | undefined) => asked.push(name) > 0 };
  const failing = peer({ receive: '' });
  await measure({ ...failing, congestionControl: 'bbr' }, { ...run, place, bytes: undefined });
  await measure(failing, { ...run, place, bytes: undefined });
  expect(asked).toEqual(['bbr', undefined]);
});
