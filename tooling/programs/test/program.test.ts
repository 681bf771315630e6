import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { describeEnd, Program, type ProgramOptions } from '../src/program.ts';

const FOREVER = 'setInterval(() => {}, 1000)';
const programs: Program[] = [];

afterEach(async () => {
  for (const program of programs.splice(0)) await program.kill();
});

/** A program out of one line of code. */
function run(code: string, options: ProgramOptions = {}): Program {
  const program = new Program([process.execPath, '-e', code], { name: 'it', ...options });
  programs.push(program);
  return program;
}

test('finds a line, whether it was written before or after one asks', async () => {
  const program = run(
    "console.log('one 1'); process.stdin.once('data', (data) => process.stdout.write('two ' + data))",
    { hasInput: true },
  );
  expect((await program.stdout.line(/^one (\d)$/))[1]).toBe('1');
  expect((await program.stdout.line(/^one (\d)$/))[1]).toBe('1');
  const second = program.stdout.line(/^two (.*)$/);
  program.type('typed');
  expect((await second)[1]).toBe('typed');
});

test('finds a line on either output', async () => {
  const program = run(`console.error('over here'); ${FOREVER}`);
  expect((await program.stderr.line(/here/)).input).toBe('over here');
});

test('puts lines together that arrive in parts, the last one without its end', async () => {
  const program = run("process.stdout.write('a'); setImmediate(() => process.stdout.write('b\\r\\nc'))");
  const told: string[] = [];
  program.stdout.onLine((line) => told.push(line));
  expect(await program.end).toEqual({ code: 0, signal: null });
  expect(program.stdout.lines).toEqual(['ab', 'c']);
  expect(told).toEqual(['ab', 'c']);
  expect(program.stdout.text).toBe('ab\r\nc');
});

test('a line that is not finished is none yet', async () => {
  const program = run(`process.stdout.write('whole\\nhal'); ${FOREVER}`);
  await program.stdout.line(/whole/);
  expect(program.stdout.lines).toEqual(['whole']);
});

test('tells how it ended and what it complained about', async () => {
  const program = run("console.error('no'); process.exitCode = 3");
  expect(describeEnd(await program.end)).toBe('exit code 3');
  expect(program.complaints).toBe('no');
  expect(program.hasEnded).toBe(true);
});

test('has no input unless asked for, and what it gets ends when it is told to', async () => {
  const echo = "process.stdin.on('data', (data) => process.stdout.write(data))";
  const mute = run(echo);
  expect(await mute.end).toEqual({ code: 0, signal: null });
  const program = run(echo, { hasInput: true });
  program.endInput('the end');
  await program.end;
  expect([mute.stdout.text, program.stdout.text]).toEqual(['', 'the end']);
});

test('waiting for a line fails when the program ends without it, with what it said', async () => {
  const program = run("console.log('something else'); console.error('a reason')");
  await expect(program.stdout.line(/^never$/)).rejects.toThrow(
    /it has ended; it said:\s+something else\s+a reason/,
  );
  await expect(program.stdout.line(/^never$/)).rejects.toThrow('it has ended');
});

test('waiting for a line fails when its time is over', async () => {
  const program = run(FOREVER, { limitMs: 1 });
  await expect(program.stdout.line(/^never$/)).rejects.toThrow(
    'it never wrote /^never$/: 0.001 s went by; it said nothing',
  );
});

test('a program that is not there ends at once, with a reason', async () => {
  const program = new Program(['/no/such/program']);
  expect(describeEnd(await program.end)).toBe('no start');
  expect(program.complaints).toContain('ENOENT');
  await expect(program.stdout.line(/x/)).rejects.toThrow(/program never wrote .*ENOENT/s);
  expect(await program.kill()).toEqual({ code: null, signal: null });
});

test('stops when it is asked to, and is killed when it does not', async () => {
  const polite = run(`console.log('ready'); ${FOREVER}`);
  await polite.stdout.line(/ready/);
  expect(describeEnd(await polite.stop())).toBe('SIGTERM');
  const deaf = run(`process.on('SIGTERM', () => {}); console.log('ready'); ${FOREVER}`);
  await deaf.stdout.line(/ready/);
  expect(describeEnd(await deaf.stop(1))).toBe('SIGKILL');
});

test('an end loses a race that something else should win, but for one without an error where that is meant', async () => {
  const failing = run("console.error('why'); process.exitCode = 1");
  await expect(failing.rejectAtEnd()).rejects.toThrow('it ended with exit code 1 why');
  await expect(failing.rejectAtFailure()).rejects.toThrow('exit code 1');
  const fine = run('');
  await fine.end;
  await expect(Promise.race([fine.rejectAtFailure(), fine.end])).resolves.toEqual({ code: 0, signal: null });
});

test('a group is ended with everything that was started in it', async () => {
  const { server, port } = await listening();
  const child = `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {})`;
  const group = run(
    `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); ${FOREVER}`,
    { leadsGroup: true },
  );
  const [connection]: Socket[] = await once(server, 'connection');
  const isGone = closed(connection);
  expect(describeEnd(await group.kill())).toBe('SIGKILL');
  await isGone;
  server.close();
});

test('does not outlive a program that a signal ends', async () => {
  const { server, port } = await listening();
  const driver = `require('node:net').connect(${port}, '127.0.0.1'); ${FOREVER}`;
  const script = `
    import { exitOnSignals, Program } from ${JSON.stringify(import.meta.resolve('../src/index.ts'))};
    exitOnSignals();
    new Program([process.execPath, '--eval', ${JSON.stringify(driver)}]);`;
  const owner = new Program([process.execPath, '--input-type=module', '--eval', script]);
  programs.push(owner);
  const [connection]: Socket[] = await once(server, 'connection');
  const isGone = closed(connection);
  owner.signal('SIGTERM');
  expect(await owner.end).toEqual({ code: 143, signal: null });
  await isGone;
  server.close();
});

async function listening() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

function closed(connection: Socket | undefined): Promise<unknown> {
  connection?.on('error', () => {}).resume();
  return once(connection as Socket, 'close');
}
