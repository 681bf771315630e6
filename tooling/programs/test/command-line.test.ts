import { expect, test } from 'vitest';
import { parseCount, parseNames, parseNumber } from '../src/command-line.ts';
import { Program } from '../src/program.ts';

test('a number is taken up to its limits, and what is none is refused with what was expected', () => {
  const limits = { min: 1, max: 10 };
  expect([parseNumber('rate', '1', limits), parseNumber('rate', '10', limits)]).toEqual([1, 10]);
  for (const text of ['0.9', '10.1', '', 'x'])
    expect(() => parseNumber('rate', text, limits)).toThrow(`expected --rate from 1 to 10, got ${text}`);
});

test('a count is whole', () => {
  expect(parseCount('reps', '3', { max: 3 })).toBe(3);
  expect(() => parseCount('reps', '1.5', { max: 3 })).toThrow('expected --reps as a whole number');
  expect(() => parseCount('reps', '0', { max: 3 })).toThrow('expected --reps from 1 to 3');
});

test('a list has names that are known', () => {
  expect(parseNames('what', 'b,a', ['a', 'b', 'c'])).toEqual(['b', 'a']);
  expect(() => parseNames('what', 'a,', ['a', 'b'])).toThrow('expected --what out of a, b, got ');
});

/** The command of a program that `runMain` runs. */
function commandOf(main: string, ...args: string[]): readonly string[] {
  const script = `
    import { runMain } from ${JSON.stringify(import.meta.resolve('../src/index.ts'))};
    await runMain({ name: 'it', usage: 'usage: it\\n' }, ${main});`;
  return [process.execPath, '--input-type=module', '--eval', script, '--', 'it', ...args];
}

test.each([
  ['async (args) => console.log(args.length)', { code: 0, stdout: '2\n', stderr: '' }],
  ['async () => false', { code: 1, stdout: '', stderr: '' }],
  ["async () => { throw new Error('no') }", { code: 1, stdout: '', stderr: 'it: no\n' }],
])('%s ends with its code, and says why', async (main, expected) => {
  const program = new Program(commandOf(main, 'some', '--words'));
  const { code } = await program.end;
  expect({ code, stdout: program.stdout.text, stderr: program.stderr.text }).toEqual(expected);
});

test('--help is answered with the usage, unless it is meant for somebody else', async () => {
  const main = "async () => console.log('ran')";
  const run = (...args: string[]) => new Program(commandOf(main, ...args));
  const [asked, passedOn] = [run('x', '--help'), run('x', '--', '--help')];
  await Promise.all([asked.end, passedOn.end]);
  expect([asked.stdout.text, passedOn.stdout.text]).toEqual(['usage: it\n', 'ran\n']);
});

test('whoever reads only the beginning of what it prints ends it without a word', async () => {
  const endless =
    "async () => { for (;;) if (!process.stdout.write('x\\n')) await new Promise((go) => process.stdout.once('drain', go)); }";
  const head = ['bash', '-o', 'pipefail', '-c', '"$0" "$@" | head -c 1'];
  const program = new Program([...head, ...commandOf(endless)]);
  expect(await program.end).toEqual({ code: 1, signal: null });
  expect(program.complaints).toBe('');
});
