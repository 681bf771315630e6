import type { ParleyClient } from '@parley/client-core';
import type { UnsentLine } from '../view/place.ts';

/** Refused lines that are kept; the oldest ones make room. */
const REFUSED_MAX = 50;

/** A line that the server refused, or that a program before this one could not send any more. */
export interface RefusedLine {
  readonly room: string;
  readonly text: string;
  readonly time: number;
  readonly problem: string;
}

/** What the user said and the server has not got: what waits in the client's outbox, and what was refused. */
export class UnsentLines {
  #refused: RefusedLine[] = [];
  /** Called when a line comes or goes, and to be called when one has left the outbox; what is typed is worth keeping. */
  onChanged: () => void = () => {};

  add(line: RefusedLine): void {
    this.#refused = [...this.#refused, line].slice(-REFUSED_MAX);
    this.onChanged();
  }

  /** Takes all refused lines out, oldest first, to be said again or forgotten. */
  take(): RefusedLine[] {
    const taken = this.#refused;
    this.#refused = [];
    this.onChanged();
    return taken;
  }

  /** What another program before this one could not send. */
  restore(lines: readonly Omit<RefusedLine, 'problem'>[]): void {
    const problem = 'the program ended before';
    this.#refused = [...lines.map((line) => ({ ...line, problem })), ...this.#refused].slice(-REFUSED_MAX);
  }

  /** All of it, for showing; `time` is now. */
  view(client: ParleyClient, time: number): UnsentLine[] {
    const waiting = client.outbox.map(({ room, text }) => ({ room, text, time, problem: undefined }));
    return [...this.#refused, ...waiting];
  }
}
