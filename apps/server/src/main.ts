#!/usr/bin/env -S node --max-semi-space-size=64
import { readFileSync } from 'node:fs';
import { ServerOptionError } from '@parley/server-core';
import { historyLine, joinLines, readyLine } from './announcement.ts';
import { type Config, readCommand, surroundings } from './config.ts';
import { IdentityError, loadIdentity } from './identity.ts';
import { createLogger } from './logger.ts';
import { helpText, OptionError } from './options.ts';
import { reloadOnSignal } from './reload.ts';
import { reportOnSignal } from './report.ts';
import { StartError, serve } from './serve.ts';
import { ShareFolderError } from './share-folder.ts';
import { stopOnSignals } from './shutdown.ts';

/** Exit codes: 0 stopped as asked, 1 could not start or stop, 2 was asked for something that makes no sense. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(): Promise<void> {
  const command = readCommand(surroundings());
  if (command.type === 'help') process.stdout.write(helpText(version()));
  else if (command.type === 'version') process.stdout.write(`${version()}\n`);
  else if (command.type === 'fingerprint') await showFingerprint(command.config);
  else await run(command.config);
}

async function showFingerprint(config: Config): Promise<void> {
  const loaded = await loadIdentity(config);
  if (loaded === undefined) throw new OptionError('--insecure is without TLS, and without a fingerprint');
  process.stdout.write(`${loaded.fingerprint}\n`);
}

async function run(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel, {
    isTerminal: process.stderr.isTTY,
    hasColours: config.hasColours,
  });
  const { server, endpoints, fingerprint } = await serve(config, logger);
  const { drainMaxMs } = config;
  const message = 'the server is stopping';
  const stop = () => server.stop({ message, reconnectAfterMs: 5_000, reconnectSpreadMs: 5_000, drainMaxMs });
  stopOnSignals({ logger, stop, drainMaxMs, process, now: () => performance.now() });
  // From a terminal that goes away comes SIGHUP too: then it ends the process, as it does any other.
  if (process.stdin.isTTY !== true)
    reloadOnSignal({ logger, server, load: () => loadIdentity(config), process });
  reportOnSignal({ logger, statistics: () => server.statistics(), process });
  const lines = [readyLine(endpoints)];
  if (fingerprint !== undefined) lines.push(`fingerprint ${fingerprint}`);
  const operatorCode = server.operatorCode();
  if (operatorCode !== undefined) lines.push(`operator-code ${operatorCode}`);
  if (config.isEmbeddedDefaults || process.stdout.isTTY) {
    lines.push(historyLine(config), ...joinLines(config, endpoints));
    if (operatorCode !== undefined) lines.push(`become its operator there with: /register ${operatorCode}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

main().catch((error: unknown) => {
  const isUsage =
    error instanceof OptionError ||
    error instanceof ShareFolderError ||
    error instanceof IdentityError ||
    error instanceof ServerOptionError;
  const isExpected = isUsage || error instanceof StartError;
  process.stderr.write(
    `parley-server: ${isExpected ? (error as Error).message : ((error as Error).stack ?? error)}\n`,
  );
  if (error instanceof OptionError) process.stderr.write('See: parley-server --help\n');
  process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILED;
});
