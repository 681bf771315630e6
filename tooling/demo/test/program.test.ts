import { afterEach, expect, test } from 'vitest';
import { Program } from '../src/program.ts';

const programs: Program[] = [];

afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.end;
  }
});

/** A program out of one line of code. */
function run(code: string, limitMs?: number): Program {
  const program = new Program('it', ['-e', code], limitMs === undefined ? {} : { limitMs });
  programs.push(program);
  return program;
}

test('finds a line, whether it was written before or after one asks', async () => {
  const program = run(
    "console.log('one 1'); process.stdin.once('data', (data) => process.stdout.write('two ' + data))",
  );
  expect((await program.line(/^one (\d)$/))[1]).toBe('1');
  expect((await program.line(/^one (\d)$/))[1]).toBe('1');
  const second = program.line(/^two (.*)$/);
  program.type('typed');
  expect((await second)[1]).toBe('typed');
});

test('puts lines together that arrive in parts, the last one without its end', async () => {
  const program = run("process.stdout.write('a'); setImmediate(() => process.stdout.write('b\\r\\nc'))");
  expect(await program.end).toEqual({ code: 0, signal: null });
  expect(program.lines).toEqual(['ab', 'c']);
});

test('tells how it ended and what it complained about', async () => {
  const program = run("console.error('no'); process.exitCode = 3");
  expect(await program.end).toEqual({ code: 3, signal: null });
  expect(program.complaints).toBe('no');
});

test('waiting for a line fails when the program ends without it, with what it said', async () => {
  const program = run("console.log('something else'); console.error('a reason')");
  await expect(program.line(/^never$/)).rejects.toThrow(/it has ended; it said:\s+something else\s+a reason/);
  await expect(program.line(/^never$/)).rejects.toThrow('it has ended');
});

test('waiting for a line fails when its time is over', async () => {
  const program = run('setInterval(() => {}, 1000)', 1);
  await expect(program.line(/^never$/)).rejects.toThrow('0.001 s went by; it said nothing');
});
