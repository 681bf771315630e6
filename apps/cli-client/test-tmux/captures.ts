// Takes the pictures of the terminal client in docs/: npm run docs:terminal
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Den } from './support/den.ts';
import { svgOf } from './support/svg.ts';
import type { Pane } from './support/tmux.ts';

const IMAGES = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const LARGE = { columns: 120, rows: 32 };
const MIDDLE = { columns: 100, rows: 28 };
const SMALL = { columns: 80, rows: 24 };
const TRACKS = Array.from({ length: 200 }, (_, index) => `track ${String(index + 1).padStart(3, '0')}.flac`);

const files: Record<string, Uint8Array> = {
  'holiday photos.zip': new Uint8Array(40_000_000).fill(1),
  'node-v24.bin': new Uint8Array(90_000_000).fill(2),
  'notes.txt': new Uint8Array(1_200).fill(3),
};
for (const [index, name] of TRACKS.entries()) files[name] = new Uint8Array(300_000 + index * 7_000).fill(4);

const den = await Den.open(files, 60_000_000);

/** As text, SVG and PNG. */
function take(
  pane: Pane,
  name: string,
  size: { readonly columns: number },
  label: string,
  theme: 'dark' | 'light' = 'dark',
): void {
  mkdirSync(IMAGES, { recursive: true });
  writeFileSync(`${IMAGES}${name}.txt`, pane.screen().replace(/ +$/gm, ''));
  writeFileSync(`${IMAGES}${name}.svg`, svgOf(pane.screen({ hasColors: true }), size.columns, label, theme));
  const drawn = spawnSync('rsvg-convert', [`${IMAGES}${name}.svg`, '-o', `${IMAGES}${name}.png`]);
  if (drawn.status !== 0) throw new Error('rsvg-convert (Debian: librsvg2-bin) is needed for the PNG');
}

try {
  const ann = await den.sit('ann', LARGE);
  const bob = await den.sit('bob', SMALL);
  const cleo = await den.sit('cleo', SMALL);
  bob.enter('/create builds');
  await bob.sees(/^ builds/m);
  ann.enter('/join builds');
  await ann.sees(/^ builds/m);
  ann.press('M-1');
  cleo.enter('/join builds');
  await cleo.sees(/^ builds/m);
  bob.press('M-1');
  await bob.sees(/^ lobby/m);
  bob.enter('/topic files and good company');
  bob.enter('good morning');
  await ann.sees('bob │ good morning');
  ann.enter('morning! has anybody tried the new build?');
  bob.enter('ann: not yet, it is at https://builds.example/4711 (see the notes)');
  cleo.enter('the build is green');
  cleo.enter('ann, bob: please look at the second test');
  cleo.press('M-1');
  await cleo.sees(/^ lobby/m);
  cleo.enter('Grüße from a train: the link is bad, the files come anyway');
  await ann.sees('from a train');
  bob.enter('привет, γειά σου: any alphabet will do');
  await ann.sees('will do');
  cleo.enter('/msg ann only you can read this');
  ann.enter('/get node-v24.bin');
  ann.enter('/get "holiday photos.zip"');
  await ann.sees(/↓2 holiday .*ETA/);
  await ann.sees(/↓1 .*ETA.*[▁-█]{5}$/m);
  ann.type('typing while two files arrive');
  await ann.sees('arrive');
  take(ann, 'full-screen', LARGE, 'Three people chat on a full screen while two files download');
  ann.press('C-u');
  ann.enter('/cancel 1');
  ann.enter('/cancel 2');
  bob.enter('/files');
  await bob.sees('Enter downloads');
  bob.press('Down');
  await bob.sees('2 of 203');
  take(bob, 'full-screen-files', SMALL, 'The files of the server as a list to choose from');
  bob.type('photos');
  await bob.sees('with photos');
  bob.press('Escape');
  bob.press('Escape');
  bob.enter('/help');
  await bob.sees('commands and keys');
  take(bob, 'full-screen-help', SMALL, 'The commands in groups, to choose from');
  bob.press('Escape');
  await bob.until((screen) => !screen.includes('commands and keys'), 'the list to close');
  bob.enter('/search build');
  await bob.sees('Enter goes there');
  take(bob, 'full-screen-search', SMALL, 'What a search has found, with its words marked');
  bob.press('Escape');

  const dora = await den.sit('dora', MIDDLE);
  for (const name of TRACKS) dora.enter(`/get "${name}"`);
  dora.enter('/transfers');
  await dora.sees(/200 transfers, 1\d\d open, .*B\/s/);
  await dora.sees(/> +\d+ +running/);
  take(dora, 'full-screen-transfers', MIDDLE, 'Two hundred downloads: what moves comes first');
  dora.press('C-c');
  dora.enter('/quit');

  const emil = await den.sit('emil', { ...MIDDLE, flags: '--theme light' });
  await emil.sees('from a train');
  take(emil, 'full-screen-light', MIDDLE, 'The room on a light terminal', 'light');
  emil.enter('/quit');

  const first = await den.shell();
  first.enter(`clear; ${den.firstStartCommand}`);
  await first.sees('its name or address');
  first.enter(den.address);
  await first.sees('nickname:');
  take(first, 'first-start', SMALL, 'The first start asks for server and nickname');
  first.press('C-c', 'C-c');

  await den.killServer();
  cleo.enter('said while the server is away');
  await cleo.sees('1 not sent yet');
  await cleo.sees(/again in 0:0[2-9]/);
  take(
    cleo,
    'full-screen-cut-off',
    SMALL,
    'The connection is away; what was said waits, the next try is counted down',
  );
} finally {
  await den.close();
}
