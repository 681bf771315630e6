import { exitOnSignals } from './exit-hooks.ts';

/**
 * Runs the main function of a program, with its arguments. `--help` prints the usage instead; `false` and an error are exit
 * code 1, an error with one line on standard error. Everything is put away (`atExit`) when a signal comes, and when whoever
 * reads along has seen enough, as `head` does.
 */
export async function runMain(
  program: {
    readonly name: string;
    readonly usage: string;
    /** Whether it has handlers of its own for signals. */
    readonly handlesSignals?: boolean;
  },
  main: (args: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const { name, usage, handlesSignals = false } = program;
  if (!handlesSignals) exitOnSignals();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(1);
  });
  const args = process.argv.slice(2);
  if (asksForHelp(args)) {
    process.stdout.write(usage);
    return;
  }
  try {
    if ((await main(args)) === false) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${name}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** What stands behind `--` is for somebody else. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
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
