// Everything that has to hold before a change is merged, in one command. The last line it prints is
// `N passed, N failed`: the totals of all tests, or one failure when a step before the tests failed.
//   node tooling/check.mjs [arguments of vitest]
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const isWindows = process.platform === 'win32';

/** Runs a command; resolves to its exit code and whether the test reporter in it has taken over the closing line. */
function run(command, args, stdio) {
  return new Promise((resolve, reject) => {
    let hasClosingLine = false;
    const child = spawn(command, args, { stdio, shell: isWindows });
    const terminate = () => child.kill('SIGTERM');
    const interrupt = () => process.stdin.isTTY || child.kill('SIGINT');
    process.on('SIGTERM', terminate).on('SIGINT', interrupt);
    child.on('message', () => {
      hasClosingLine = true;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGTERM', terminate).off('SIGINT', interrupt);
      resolve({ code: code ?? 128 + constants.signals[signal], hasClosingLine });
    });
  });
}

const steps = ['build', 'lint', 'typecheck', 'knip'];
let result = await run(
  'pnpm',
  ['exec', 'turbo', 'run', ...steps, '--continue=dependencies-successful', '--output-logs=errors-only'],
  'inherit',
);
if (result.code === 0) {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
  result = await run('node', vitest, ['inherit', 'inherit', 'inherit', 'ipc']);
}
if (!result.hasClosingLine) console.log('0 passed, 1 failed');
process.exitCode = result.code;
