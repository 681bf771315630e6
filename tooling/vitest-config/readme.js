// @ts-check
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs the first example of a package's README from source: what it prints, and what the README says that it prints.
 * @param {string} testUrl `import.meta.url` of a test in the package's `test` folder
 * @returns {{ printed: string, promised: string | undefined }}
 */
export function runReadmeExample(testUrl) {
  const folder = fileURLToPath(new URL('..', testUrl));
  const readme = readFileSync(`${folder}README.md`, 'utf8');
  const [, example, promised] = /```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(readme) ?? [];
  const flags = ['--conditions=@parley/source', '--input-type=module-typescript', '--eval', example ?? ''];
  return { printed: execFileSync(process.execPath, flags, { cwd: folder, encoding: 'utf8' }), promised };
}
