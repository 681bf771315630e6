import ts from 'typescript';

/** A source whose `await`s tell that they wait. */
export interface NotedSource {
  readonly code: string;
  /** Where they stand: `FILE:LINE`, with `:COLUMN` behind a second one on a line. */
  readonly places: readonly string[];
}

interface Insertion {
  readonly position: number;
  readonly text: string;
}

/**
 * Wraps what each `await` and each `for await` of a source waits for in a call of `globalThis.noteAwait`, which gets the place. Line
 * numbers stay as they are.
 */
export function noteAwaits(source: string, file: string): NotedSource {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ESNext, true);
  const places = new Set<string>();
  const insertions: Insertion[] = [];
  const visit = (node: ts.Node): void => {
    const awaited = awaitedIn(node);
    if (awaited !== undefined) {
      const start = awaited.getStart();
      const place = placeOf(parsed, node.getStart(), file, places);
      places.add(place);
      const isEach = ts.isForOfStatement(node);
      insertions.push({
        position: start,
        text: `globalThis.${isEach ? 'noteAwaits' : 'noteAwait'}(${JSON.stringify(place)}, `,
      });
      insertions.push({ position: awaited.end, text: ')' });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return { code: withInsertions(source, insertions), places: [...places] };
}

function awaitedIn(node: ts.Node): ts.Expression | undefined {
  if (ts.isAwaitExpression(node)) return node.expression;
  return ts.isForOfStatement(node) && node.awaitModifier !== undefined ? node.expression : undefined;
}

function placeOf(parsed: ts.SourceFile, position: number, file: string, taken: ReadonlySet<string>): string {
  const { line, character } = parsed.getLineAndCharacterOfPosition(position);
  const place = `${file}:${line + 1}`;
  return taken.has(place) ? `${place}:${character + 1}` : place;
}

function withInsertions(source: string, insertions: readonly Insertion[]): string {
  let code = '';
  let copied = 0;
  for (const { position, text } of insertions.toSorted((left, right) => left.position - right.position)) {
    code += source.slice(copied, position) + text;
    copied = position;
  }
  return code + source.slice(copied);
}
