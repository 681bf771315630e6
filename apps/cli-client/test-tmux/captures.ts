// Takes the pictures of the terminal client in docs/: npm run docs:terminal
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Den } from './support/den.ts';
import { svgOf } from './support/svg.ts';
import type { Pane } from './support/tmux.ts';

const IMAGES = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const LARGE = { columns: 120, rows: 32 };
const SMALL = { columns: 80, rows: 24 };

const den = await Den.open(
  {
    'holiday photos.zip': new Uint8Array(40_000_000).fill(1),
    'node-v24.bin': new Uint8Array(90_000_000).fill(2),
    'notes.txt': new Uint8Array(1_200).fill(3),
  },
  60_000_000,
);

function take(pane: Pane, name: string, columns: number, label: string): void {
  mkdirSync(IMAGES, { recursive: true });
  writeFileSync(`${IMAGES}${name}.txt`, pane.screen().replace(/ +$/gm, ''));
  writeFileSync(`${IMAGES}${name}.svg`, svgOf(pane.screen({ hasColors: true }), columns, label));
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
  bob.enter('/topic files and good company');
  bob.enter('good morning');
  await ann.sees('bob │ good morning');
  ann.enter('morning! has anybody tried the new build?');
  bob.enter('ann: not yet, it is at https://builds.example/4711 (see the notes)');
  cleo.enter('the build is green');
  cleo.enter('ann, bob: please look at the second test');
  cleo.press('M-1');
  cleo.enter('Grüße from a train: the link is bad, the files come anyway');
  await ann.sees('from a train');
  cleo.enter('/msg ann only you can read this');
  ann.enter('/get node-v24.bin');
  ann.enter('/get "holiday photos.zip"');
  await ann.sees(/↓2 holiday .*ETA/);
  await ann.sees(/↓1 .*ETA.*[▁-█]{5}$/m);
  ann.type('typing while two files arrive');
  await ann.sees('arrive');
  take(ann, 'full-screen', LARGE.columns, 'Three people chat on a full screen while two files download');
  ann.press('C-u');
  bob.enter('/files');
  await bob.sees('3 files: Enter downloads');
  bob.press('Down');
  await bob.sees('2 of 3');
  take(bob, 'full-screen-files', SMALL.columns, 'The files of the server as a list to choose from');
  await den.killServer();
  cleo.enter('said while the server is away');
  await cleo.sees('1 not sent yet');
  await cleo.sees(/again in 0:0[2-9]/);
  take(
    cleo,
    'full-screen-cut-off',
    SMALL.columns,
    'The connection is away; what was said waits, the next try is counted down',
  );
} finally {
  await den.close();
}
