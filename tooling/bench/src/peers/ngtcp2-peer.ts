import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nanosecondsNow, parseDriverArguments, ReceiverReport } from './stream-driver.ts';

/*
 * HTTP/3 by ngtcp2's own example programs. The server runs already; the receiver is the client of a download, which begins when the
 * sender says START, through a file in FOLDER that both ends see. What has arrived is the size of the file that the client writes.
 */
const { FOLDER = '.', PEER = '' } = process.env;
const startFile = join(FOLDER, 'start');
const downloads = join(FOLDER, 'downloads');
const FILE_NAME = 'stream.bin';
const POLL_MS = 5;
const WINDOW_BYTES = '64M';

const { role, port, bytes } = parseDriverArguments(process.argv.slice(2));
if (role === 'send') {
  process.stdout.write(`START ${nanosecondsNow()}\n`);
  writeFileSync(startFile, '');
  // A driver sends until it is killed.
  setInterval(() => {}, 1000);
} else {
  receive(new ReceiverReport(bytes));
}

function receive(report: ReceiverReport): void {
  rmSync(startFile, { force: true });
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads);
  const watcher = watch(FOLDER, () => {
    if (!existsSync(startFile)) return;
    watcher.close();
    download();
    follow(report);
  });
  report.ready();
}

function download(): void {
  const args = ['-q', '--no-quic-dump', '--no-http-dump', '--exit-on-all-streams-close'];
  const windows = ['data', 'stream-data-bidi-local', 'window', 'stream-window'];
  for (const window of windows) args.push(`--max-${window}=${WINDOW_BYTES}`);
  args.push(`--download=${downloads}`, PEER, String(port), `https://peer.test:${port}/${FILE_NAME}`);
  // It must not outlive a driver that is killed.
  spawn('setpriv', ['--pdeathsig', 'KILL', 'gtlsclient', ...args], { stdio: 'ignore' });
}

function follow(report: ReceiverReport): void {
  let seenBytes = 0;
  setInterval(() => {
    const size = statSync(join(downloads, FILE_NAME), { throwIfNoEntry: false })?.size ?? 0;
    if (size > seenBytes) report.add(size - seenBytes);
    seenBytes = size;
  }, POLL_MS);
}
