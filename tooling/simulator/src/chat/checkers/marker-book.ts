import type { ClientNotification } from '@parley/client-core';
import { roomNameKey } from '@parley/protocol';
import type { Violations } from '../../checkers/violations.ts';

/** Up to where a program was told that its user has read, to be held against what the server keeps. */
export class MarkerBook {
  readonly #violations: Violations;
  readonly #name: string;
  /** By the key of the room. */
  #markers = new Map<string, number>();
  /** What was to be marked, and may have been although nobody said so in time. */
  #tried = new Map<string, number[]>();

  constructor(violations: Violations, name: string) {
    this.#violations = violations;
    this.#name = name;
  }

  /** A program knows nothing at first. */
  startProgram(): void {
    this.#markers = new Map();
    this.#tried = new Map();
  }

  notice(notification: ClientNotification): void {
    if (notification.type === 'room-left') this.#markers.delete(keyOf(notification.room));
    if (notification.type === 'read-marker') this.marked(notification.room, notification.sequence);
  }

  /** A place was marked as read, by this device or by another one. */
  marked(room: string, sequence: number): void {
    const key = keyOf(room);
    this.#markers.set(key, Math.max(sequence, this.#markers.get(key) ?? 0));
  }

  /** A place may have been marked as read: the answer did not come, or it was no. */
  tried(room: string, sequence: number): void {
    const key = keyOf(room);
    this.#tried.set(key, [...(this.#tried.get(key) ?? []), sequence]);
  }

  /** At the end: what is kept is what this device knows of each room where it is. `undefined` is not known. */
  auditSettled(
    rooms: readonly string[],
    keptFor: (roomKey: string) => number | undefined,
    isExact: boolean,
  ): void {
    for (const room of rooms) {
      const key = keyOf(room);
      const known = this.#markers.get(key) ?? 0;
      const kept = keptFor(key);
      if (kept === undefined) continue;
      const isTold = known === kept || (this.#tried.get(key)?.includes(kept) ?? false);
      const isTrue = known <= kept && (isTold || !isExact);
      this.#violations.require(isTrue, 'read markers', () => {
        return `${this.#name} has read ${room} up to ${known}, the server has ${kept}`;
      });
    }
  }
}

function keyOf(room: string): string {
  return roomNameKey(room as Parameters<typeof roomNameKey>[0]);
}
