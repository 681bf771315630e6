import { exitOnSignals } from './exit-hooks.ts';

/** Runs a program of this package: an error is one line and exit code 1, and a signal leaves nothing behind. */
export async function runProgram(
  name: string,
  run: (args: readonly string[]) => Promise<void>,
): Promise<void> {
  exitOnSignals();
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${name}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The number of an option. Throws an Error where it is none, or outside of its limits. */
export function parseNumber(
  option: string,
  text: string,
  limits: { readonly min: number; readonly max: number },
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= limits.min && value <= limits.max) return value;
  throw new Error(`expected --${option} from ${limits.min} to ${limits.max}, got ${text}`);
}

/** The same where only whole numbers have a meaning. */
export function parseCount(
  option: string,
  text: string,
  limits: { readonly min?: number; readonly max: number },
): number {
  const { min = 1, max } = limits;
  const value = parseNumber(option, text, { min, max });
  if (Number.isInteger(value)) return value;
  throw new Error(`expected --${option} as a whole number from ${min} to ${max}, got ${text}`);
}

/** The names of a list, such as `small,large`. Throws an Error where one is not known. */
export function parseNames<Name extends string>(
  option: string,
  text: string,
  known: readonly Name[],
): readonly Name[] {
  return text.split(',').map((part) => {
    const name = known.find((one) => one === part);
    if (name === undefined) throw new Error(`expected --${option} out of ${known.join(', ')}, got ${part}`);
    return name;
  });
}
