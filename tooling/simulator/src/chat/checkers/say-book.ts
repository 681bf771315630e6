import type { Acceptance, ChatClient, ClientCommand } from '@parley/client-core';
import { type RoomName, roomNameKey } from '@parley/protocol';
import type { Violations } from '../../checkers/violations.ts';
import type { CommittedLog } from '../committed-log.ts';
import type { Settlement } from '../program.ts';

interface Said {
  readonly text: string;
  /** Number of the program that said it. */
  readonly program: number;
  outcome: 'waiting' | 'accepted' | 'refused' | 'unknown';
  place: { readonly room: string; readonly epoch: number; readonly sequence: number } | undefined;
}

/** What a user said and was told about it, to be held against the log. */
export class SayBook {
  readonly #violations: Violations;
  readonly #committed: CommittedLog;
  readonly #name: string;
  readonly #all: Said[] = [];
  readonly #own: { readonly room: string; readonly sequence: number }[] = [];
  #texts = 0;
  #program = 0;

  constructor(violations: Violations, committed: CommittedLog, name: string) {
    this.#violations = violations;
    this.#committed = committed;
    this.#name = name;
  }

  /** Own messages that are in the log, for edits. */
  get said(): readonly { readonly room: string; readonly sequence: number }[] {
    return this.#own;
  }

  /** What became of all messages. */
  get tallies(): Record<string, number> {
    const tallies: Record<string, number> = {};
    for (const { outcome } of this.#all) tallies[outcome] = (tallies[outcome] ?? 0) + 1;
    return tallies;
  }

  startProgram(): void {
    this.#program += 1;
  }

  /** A text that nobody else says. */
  newText(): string {
    this.#texts += 1;
    return `${this.#name} ${this.#texts} `;
  }

  /** Notes a command; gives what is to be called with its outcome. */
  note(command: ClientCommand, rooms: ChatClient['rooms']): (settlement: Settlement) => void {
    if (command.type === 'edit') {
      return (settlement) => this.#checkEdit(command.room, command.text, settlement);
    }
    if (command.type !== 'say' && command.type !== 'direct') return () => {};
    const said: Said = { text: command.text, program: this.#program, outcome: 'waiting', place: undefined };
    this.#all.push(said);
    return (settlement) =>
      this.#settle(said, settlement, command.type === 'say' ? command.room : undefined, rooms);
  }

  /**
   * At the end of the run: what was refused is not in the log, and what was accepted is there in the order of saying. That
   * order holds only as long as the server refused nothing: a message whose refusal got lost is sent again after the others.
   */
  auditEnd(options: { readonly hasRefused: boolean }): void {
    const newest = new Map<string, number>();
    for (const { text, program, outcome, place } of this.#all) {
      const where = this.#committed.placeOf(text);
      if (outcome === 'refused') {
        this.#require(
          where === undefined,
          'told the truth',
          () => `"${text}" was refused and is at ${where}`,
        );
      }
      if (place === undefined || options.hasRefused) continue;
      const key = `${program} ${place.room} ${place.epoch}`;
      this.#require(place.sequence > (newest.get(key) ?? 0), 'order of saying', () => {
        return `"${text}" is at ${where}, before what was said earlier`;
      });
      newest.set(key, place.sequence);
    }
  }

  #settle(said: Said, settlement: Settlement, room: string | undefined, rooms: ChatClient['rooms']): void {
    if (!settlement.isOk) {
      // An end of the session says honestly that it does not know.
      said.outcome = settlement.error.code === 'connection-ended' ? 'unknown' : 'refused';
      return;
    }
    said.outcome = 'accepted';
    const { epoch, sequence } = settlement.result as Acceptance;
    const where = this.#committed.placeOf(said.text);
    this.#require(where?.endsWith(` ${epoch} ${sequence}`) ?? false, 'durable', () => {
      return `"${said.text}" was accepted as (${epoch}, ${sequence}) and is at ${where}`;
    });
    const [key = ''] = where?.split(' ') ?? [];
    said.place = { room: key, epoch, sequence };
    if (room !== undefined && rooms.find(room) !== undefined) this.#own.push({ room, sequence });
  }

  #checkEdit(room: string, text: string, settlement: Settlement): void {
    if (!settlement.isOk) return;
    const { epoch, sequence } = settlement.result as Acceptance;
    const entry = this.#committed.entryAt(roomNameKey(room as RoomName), epoch, sequence);
    this.#require(entry?.kind === 'edit' && entry.text === text, 'durable', () => {
      return `the edit "${text}" was accepted as (${epoch}, ${sequence}), where there is "${entry?.text}"`;
    });
  }

  #require(isTrue: boolean, checker: string, text: () => string): void {
    this.#violations.require(isTrue, checker, () => `${this.#name}: ${text()}`);
  }
}
