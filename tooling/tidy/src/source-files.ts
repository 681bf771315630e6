import type { TextFile } from './repository.ts';

const LINES_MAX = 400;
const UNFINISHED_MARK = /\b(?:TODO|FIXME)\b/;

/**
 * Source files that are longer than 400 lines and not listed as an exception, and exceptions that are not needed.
 * `exceptions` maps a path to the reason why its file has to be long.
 */
export function findLongFiles(
  files: readonly TextFile[],
  exceptions: Readonly<Record<string, string>>,
): string[] {
  const long = files.filter(({ path, text }) => isShippedSource(path) && countLines(text) > LINES_MAX);
  const longPaths = new Set(long.map(({ path }) => path));
  return [
    ...long
      .filter(({ path }) => !(path in exceptions))
      .map(
        ({ path, text }) =>
          `${path} has ${countLines(text)} lines, at most ${LINES_MAX} are allowed: split it by concept`,
      ),
    ...Object.keys(exceptions)
      .filter((path) => !longPaths.has(path))
      .map((path) => `${path} needs no exception any more: remove it from the list`),
  ];
}

/** Places that promise work for later instead of an issue or a change. */
export function findUnfinishedMarks(files: readonly TextFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (UNFINISHED_MARK.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

/** Library code that reads the environment: configuration is passed in by the programs. */
export function findEnvironmentReads(files: readonly TextFile[]): string[] {
  return files
    .filter(
      ({ path, text }) =>
        path.startsWith('packages/') && isShippedSource(path) && text.includes('process.env'),
    )
    .map(({ path }) => path);
}

function isShippedSource(path: string): boolean {
  return path.split('/')[2] === 'src' && !path.endsWith('.test.ts');
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
