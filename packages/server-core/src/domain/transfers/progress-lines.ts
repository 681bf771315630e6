import type { FilePath, SessionId, TransferDirection } from '@parley/protocol';
import type { ServerLimits } from '../limits.ts';

/** What a line is about: what it was first told with holds to its end. */
export interface LineSubject {
  readonly name: FilePath;
  readonly direction: TransferDirection;
}

interface Line {
  readonly subject: LineSubject;
  /** By the clock of `now`. */
  toldAt: number;
}

/** Whether one more word about a line may be told. */
export type LineVerdict = 'told' | 'too-soon' | 'too-many';

/** The transfers that a room is being told of. */
// CHAT-PROGRESS-3
export class ProgressLines {
  readonly #lines = new Map<string, Line>();

  find(sessionId: SessionId, line: number): LineSubject | undefined {
    return this.#lines.get(keyOf(sessionId, line))?.subject;
  }

  /** One more word about a line, which may be a new one. */
  take(
    { sessionId, line, subject }: { sessionId: SessionId; line: number; subject: LineSubject },
    limits: Pick<ServerLimits, 'progressIntervalMs' | 'progressLinesMax' | 'progressLineLifeMs'>,
    now: number,
  ): LineVerdict {
    const key = keyOf(sessionId, line);
    const known = this.#lines.get(key);
    if (known !== undefined) {
      if (now - known.toldAt < limits.progressIntervalMs) return 'too-soon';
      known.toldAt = now;
      return 'told';
    }
    if (this.#lines.size >= limits.progressLinesMax) this.#forgetBefore(now - limits.progressLineLifeMs);
    if (this.#lines.size >= limits.progressLinesMax) return 'too-many';
    this.#lines.set(key, { subject, toldAt: now });
    return 'told';
  }

  /** Ends a line; gives what it was about. */
  end(sessionId: SessionId, line: number): LineSubject | undefined {
    const subject = this.find(sessionId, line);
    this.#lines.delete(keyOf(sessionId, line));
    return subject;
  }

  #forgetBefore(time: number): void {
    for (const [key, { toldAt }] of this.#lines) if (toldAt <= time) this.#lines.delete(key);
  }
}

function keyOf(sessionId: SessionId, line: number): string {
  return `${sessionId} ${line}`;
}
