import type { ChatClient, ClientEffect } from '@parley/client-core';
import { type Nickname, nicknameKey, type RoomName, roomNameKey } from '@parley/protocol';
import type { MemoryLog } from '@parley/server-core/pure';
import type { Violations } from '../../checkers/violations.ts';
import type { CommittedLog } from '../committed-log.ts';

type Room = ChatClient['rooms']['all'][number];

interface Place {
  readonly room: Room;
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * Holds what a client shows against the log: whenever its place moves, everything on the way is shown as it is in the log, or
 * the user is told of a gap.
 */
export class ViewChecker {
  readonly #violations: Violations;
  readonly #committed: CommittedLog;
  readonly #client: ChatClient;
  readonly #name: string;
  #places: Map<string, Place> = new Map();
  /** Where the last gap of a room ended; what is older may have changed unseen. */
  readonly #gapEnds = new Map<Room, number>();

  constructor(violations: Violations, committed: CommittedLog, client: ChatClient, name: string) {
    this.#violations = violations;
    this.#committed = committed;
    this.#client = client;
    this.#name = name;
  }

  /** Before the client is told something. */
  before(): void {
    this.#places = new Map();
    for (const room of this.#client.rooms.all) this.#places.set(room.name, { room, ...room.view.position });
  }

  /** After it. */
  after(effects: readonly ClientEffect[]): void {
    for (const room of this.#client.rooms.all) {
      const before = this.#places.get(room.name);
      const { epoch, sequence } = room.view.position;
      if (before?.room !== room || (before.epoch === epoch && before.sequence === sequence)) continue;
      this.#moved(room, before, effects);
    }
  }

  #moved(room: Room, before: Place, effects: readonly ClientEffect[]): void {
    const { epoch, sequence } = room.view.position;
    const gaps = gapsOf(room, effects);
    if (before.epoch !== epoch || sequence < before.sequence) {
      this.#require(gaps.length > 0, room, () => `another log (${epoch}) without a word`);
      this.#gapEnds.set(room, sequence);
      return;
    }
    let missing = 0;
    for (const gap of gaps) missing += gap.missing ?? Number.POSITIVE_INFINITY;
    if (missing > 0) this.#gapEnds.set(room, before.sequence + missing);
    const shown = new Map(
      room.view.messages.filter((one) => one.epoch === epoch).map((one) => [one.sequence, one] as const),
    );
    for (let at = before.sequence + missing + 1; at <= sequence; at += 1) {
      const entry = this.#committed.entryAt(roomNameKey(room.name), epoch, at);
      this.#require(entry !== undefined, room, () => `(${epoch}, ${at}) is not in the log`);
      if (entry?.kind !== 'text') continue;
      const message = shown.get(at);
      this.#require(message !== undefined, room, () => `(${epoch}, ${at}) was passed over in silence`);
      if (message === undefined) continue;
      const isTrue = message.from === entry.from && entry.texts.includes(message.text);
      this.#require(isTrue, room, () => `(${epoch}, ${at}) shows "${message.text}", not "${entry.text}"`);
    }
  }

  /** When nothing disturbs any more: the view is the log, up to its end. `users` are those who are in the room. */
  auditSettled(log: MemoryLog, usersIn: (roomKey: string) => readonly string[]): void {
    for (const room of this.#client.rooms.all) {
      const key = roomNameKey(room.name as RoomName);
      const stored = log.rooms().find((one) => one.key === key);
      this.#require(stored !== undefined, room, () => 'the server has no such room');
      if (stored === undefined) continue;
      const { epoch, sequence } = room.view.position;
      const isAtEnd = epoch === stored.epoch && sequence === stored.lastSequence && room.view.missing === 0;
      this.#require(isAtEnd, room, () => {
        return `stands at (${epoch}, ${sequence}), the log at (${stored.epoch}, ${stored.lastSequence})`;
      });
      this.#auditTexts(room, log, stored.firstSequence);
      if (!this.#gapEnds.has(room)) {
        this.#require(room.info.topic === stored.topic, room, () => {
          return `the topic is "${room.info.topic}", not "${stored.topic}"`;
        });
      }
      this.#auditUsers(room, usersIn(key));
    }
  }

  #auditTexts(room: Room, log: MemoryLog, firstSequence: number): void {
    const { epoch } = room.view.position;
    const gapEnd = this.#gapEnds.get(room) ?? 0;
    for (const { sequence, text, epoch: messageEpoch } of room.view.messages) {
      if (messageEpoch !== epoch || sequence < firstSequence || sequence <= gapEnd) continue;
      const query = {
        roomKey: roomNameKey(room.name),
        direction: 'after',
        sequence: sequence - 1,
        limit: 1,
      } as const;
      const [entry] = log.read(query).entries;
      this.#require(entry?.text === text, room, () => {
        return `(${epoch}, ${sequence}) still shows "${text}", the log has "${entry?.text}"`;
      });
    }
  }

  #auditUsers(room: Room, expected: readonly string[]): void {
    const shown = room.users.all.map(({ nickname }) => nicknameKey(nickname as Nickname)).sort();
    const wanted = expected.map((name) => nicknameKey(name as Nickname)).sort();
    this.#require(
      shown.join() === wanted.join(),
      room,
      () => `shows ${shown.join()}, there are ${wanted.join()}`,
    );
    this.#require(room.info.members === wanted.length, room, () => {
      return `says ${room.info.members} members, there are ${wanted.length}`;
    });
  }

  #require(isTrue: boolean, room: Room, text: () => string): void {
    this.#violations.require(isTrue, 'view', () => `${this.#name} in ${room.name}: ${text()}`);
  }
}

function gapsOf(room: Room, effects: readonly ClientEffect[]): { readonly missing: number | undefined }[] {
  return effects.flatMap((effect) =>
    effect.type === 'notify' &&
    effect.notification.type === 'gap' &&
    effect.notification.gap.room === room.name
      ? [effect.notification.gap]
      : [],
  );
}
