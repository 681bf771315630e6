import { Program, parleySourceCommand } from '@parley/programs';

/** What a program left behind. */
export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the client is started. */
interface ClientOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The rooms of most tests speak plain TCP. */
  readonly isSecure?: boolean;
}

/** Runs the client from its sources, without a terminal, as a script would; `input` is all of its standard input. */
export function runProgram(
  args: readonly string[],
  options: ClientOptions & { readonly input?: string } = {},
): Promise<ProgramResult> {
  const client = startProgram(args, options);
  client.endInput(options.input);
  return resultOf(client);
}

/** The same where its standard input has no end; behind `prefix`, the command of another program. */
export function startProgram(
  args: readonly string[],
  { cwd, env, isSecure = false, prefix = [] }: ClientOptions & { readonly prefix?: readonly string[] } = {},
): Program {
  // Behind the separator that `pnpm start` hands on, where an option is still one.
  const isSeparated = args[0] === '--';
  const security = isSecure ? [] : ['--insecure'];
  const all = isSeparated ? ['--', ...security, ...args.slice(1)] : [...security, ...args];
  return new Program([...prefix, ...parleySourceCommand('cli-client'), ...all], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    hasInput: true,
  });
}

/** What it has left behind when it has ended. */
export async function resultOf(program: Program): Promise<ProgramResult> {
  const { code } = await program.end;
  return { exitCode: code, stdout: program.stdout.text, stderr: program.stderr.text };
}
