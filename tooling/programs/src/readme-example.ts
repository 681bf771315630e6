import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Program } from './program.ts';

/**
 * Runs the first example of a package's README, as it stands there, from the package's folder and with our sources.
 *
 * @param testUrl `import.meta.url` of a test in the package's `test` folder
 * @param args what the example reads from `process.argv`
 * @returns what it printed, what the README says that it prints, and what it complained about
 */
export async function runReadmeExample(
  testUrl: string,
  args: readonly string[] = [],
): Promise<{ readonly printed: string; readonly promised: string | undefined; readonly complaints: string }> {
  const cwd = fileURLToPath(new URL('..', testUrl));
  const readme = readFileSync(`${cwd}README.md`, 'utf8');
  const [, example = '', promised] = /```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(readme) ?? [];
  const flags = ['--conditions=@parley/source', '--input-type=module-typescript', '--eval', example];
  const separated = args.length === 0 ? [] : ['--', 'example', ...args];
  const program = new Program([process.execPath, ...flags, ...separated], { cwd });
  await program.end;
  return { printed: program.stdout.text, promised, complaints: program.complaints };
}
