import { styleText } from 'node:util';

/** Prints a numbered step for each thing that is shown, and remembers whether all of them held. */
export class Tour {
  #steps = 0;

  /**
   * Runs one step and prints it with what it gives: a line of detail or several. A step that throws is printed as failed, and
   * the tour ends there: later steps build on it.
   */
  async step(title: string, show: () => Promise<string | readonly string[]>): Promise<void> {
    this.#steps++;
    const number = String(this.#steps).padStart(2);
    // A step that takes its time is not to look like a hung program.
    if (process.stdout.isTTY) process.stdout.write(`${number} … ${title}\r`);
    try {
      const details = await show();
      print(`${number} ${paint('green', '✓')} ${paint('bold', title)}`);
      for (const detail of typeof details === 'string' ? [details] : details) print(`     ${detail}`);
    } catch (error) {
      print(`${number} ${paint('red', '✗')} ${paint('bold', title)}`);
      throw error;
    }
  }

  /** How many steps there were. */
  get stepCount(): number {
    return this.#steps;
  }
}

/** Fails a step with a reason unless a claim holds. */
export function expect(claim: boolean, reason: string): asserts claim {
  if (!claim) throw new Error(`expected ${reason}`);
}

/** A line on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Coloured on a terminal, plain otherwise. */
export function paint(style: 'bold' | 'dim' | 'green' | 'red', text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}
