import { messageOf } from '@parley/programs';

/** Takes one line of the results. */
export type Print = (line: object) => void;

/** Prints a line of JSON, without digits that mean nothing. */
export function printLine(line: object): void {
  process.stdout.write(`${formatLine(line)}\n`);
}

/** A result as a line of JSON, its numbers to three digits behind the point. */
export function formatLine(line: object): string {
  return JSON.stringify(line, (_, value) => (typeof value === 'number' ? Number(value.toFixed(3)) : value));
}

/** Prints what a measurement gives, or, with what identifies it, why it failed: the exit code is 1 then. */
export async function printMeasurement(identity: object, measurement: () => Promise<object>): Promise<void> {
  const line = await measurement().catch((error: unknown) => ({ ...identity, error: messageOf(error) }));
  if ('error' in line || 'missing' in line) process.exitCode = 1;
  printLine(line);
}
