import {
  type ArgumentDefinition,
  type ArgumentValues,
  type CommandDefinition,
  commandUsage,
} from './definition.ts';
import { type Token, tokenize } from './tokens.ts';

/** What an entered line means. */
export type ParsedLine<Context> =
  | { readonly type: 'nothing' }
  | { readonly type: 'say'; readonly text: string }
  | {
      readonly type: 'command';
      readonly definition: CommandDefinition<Context>;
      readonly values: ArgumentValues;
    }
  | { readonly type: 'mistake'; readonly problem: string };

/**
 * Reads an entered line: `/name …` is a command, everything else is said. A text that begins with a slash is
 * said by doubling it (`//etc/hosts is the file`).
 */
export function parseLine<Context>(
  line: string,
  commands: readonly CommandDefinition<Context>[],
): ParsedLine<Context> {
  if (line.trim() === '') return { type: 'nothing' };
  if (line.startsWith('//')) return { type: 'say', text: line.slice(1) };
  const name = /^\/(\S*)/.exec(line)?.[1];
  if (name === undefined) return { type: 'say', text: line };
  const definition = findCommand(name, commands);
  if (!definition) return { type: 'mistake', problem: unknownCommand(name, commands) };
  const values = parseArguments(line, name.length + 1, definition.arguments);
  if (typeof values === 'string') {
    return { type: 'mistake', problem: `${values}; expected ${commandUsage(definition)}` };
  }
  return { type: 'command', definition, values };
}

/** The command of that name or alias, in whatever case. */
export function findCommand<Context>(
  name: string,
  commands: readonly CommandDefinition<Context>[],
): CommandDefinition<Context> | undefined {
  const wanted = name.toLowerCase();
  return commands.find((command) => command.name === wanted || command.aliases?.includes(wanted));
}

function parseArguments(
  line: string,
  from: number,
  definitions: readonly ArgumentDefinition[],
): ArgumentValues | string {
  const tokens = tokenize(line, from);
  const values: Record<string, string> = {};
  for (const [index, definition] of definitions.entries()) {
    const token = tokens[0];
    if (!token) {
      if (definition.isOptional) continue;
      return `${definition.name.toUpperCase()} is missing`;
    }
    // A keyword that is not there leaves its place to what follows, if anything does.
    const isSkipped =
      definition.isOptional && definition.keyword !== undefined && definition !== definitions.at(-1);
    if (isSkipped && token.value !== definition.keyword) continue;
    // Nor does one take what is left when that is exactly the keyword of the next and its value.
    const next = definitions[index + 1]?.keyword;
    if (definition.isOptional && next !== undefined && token.value === next && tokens.length === 2) continue;
    if (definition.kind === 'text') {
      values[definition.name] = line.slice(token.start).trimEnd();
      return values;
    }
    const value = takeValue(tokens, definition);
    if (typeof value !== 'string') return value.problem;
    values[definition.name] = value;
  }
  const extra = tokens[0];
  if (extra) return `"${extra.value}" is too much (put a name with spaces in "quotes")`;
  return values;
}

function takeValue(tokens: Token[], definition: ArgumentDefinition): string | { readonly problem: string } {
  if (definition.keyword !== undefined) {
    const keyword = tokens[0];
    if (keyword?.value !== definition.keyword) {
      return { problem: `"${keyword?.value}" is too much (put a name with spaces in "quotes")` };
    }
    tokens.shift();
  }
  const token = tokens.shift();
  if (!token) return { problem: `${definition.name.toUpperCase()} is missing after "${definition.keyword}"` };
  if (!token.isClosed) return { problem: `the closing ${token.quote} is missing` };
  return definition.kind === 'room' ? token.value.replace(/^#/, '') : token.value;
}

function unknownCommand<Context>(name: string, commands: readonly CommandDefinition<Context>[]): string {
  const near = nearestCommand(name.toLowerCase(), commands);
  const advice = near === undefined ? '/help lists them all' : `did you mean /${near}?`;
  return `there is no command /${name}; ${advice} (to say a text that begins with a slash, type //)`;
}

function nearestCommand<Context>(
  name: string,
  commands: readonly CommandDefinition<Context>[],
): string | undefined {
  const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
  if (name !== '') {
    const longer = names.find((candidate) => candidate.startsWith(name));
    if (longer !== undefined) return longer;
  }
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of names) {
    const distance = editDistance(name, candidate, bestDistance);
    if (distance < bestDistance && distance < candidate.length) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours; `limit` when more. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          (current[column - 1] ?? limit) + 1,
          (previous[column] ?? limit) + 1,
          (previous[column - 1] ?? limit) + (isSame ? 0 : 1),
          isSwap ? (beforePrevious[column - 2] ?? limit) + 1 : limit,
        ),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? limit;
}
