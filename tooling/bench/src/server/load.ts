/** Runs a load with the arguments of this process, prints what it gives as one line of JSON, and ends the process. */
export async function runLoad(load: (args: readonly string[]) => Promise<object>): Promise<void> {
  try {
    const result = await load(process.argv.slice(2));
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
