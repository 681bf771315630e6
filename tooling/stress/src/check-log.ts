import type { LogEntry } from '@parley/protocol';
import { createSqliteHistoryStore } from '@parley/server-core';
import type { AcceptedText } from './hostile/hostile.ts';
import type { Talker } from './talker.ts';

/** The entries of each room, as the file has them. */
export async function readLogs(file: string): Promise<ReadonlyMap<string, readonly LogEntry[]>> {
  const store = createSqliteHistoryStore({ file });
  const logs = new Map<string, readonly LogEntry[]>();
  for (const { key, name, lastSequence } of await store.open()) {
    // One more than there should be.
    const query = { roomKey: key, direction: 'after', sequence: 0, limit: lastSequence + 1 } as const;
    logs.set(name, (await store.read(query)).entries);
  }
  await store.close();
  return logs;
}

/** One sentence for everything that is in the logs and should not be, or the other way round. */
export function checkLog(
  log: readonly LogEntry[],
  room: string,
  parts: { readonly talkers: readonly Talker[]; readonly accepted: readonly AcceptedText[] },
): string[] {
  const problems: string[] = [];
  const problem = (what: string) => problems.push(`${room}: ${what}`);
  const ids = new Set<string>();
  const honest = new Set<string>(parts.talkers.map(({ nickname }) => nickname));
  const firstTexts = new Map<string, number>();
  const changed = new Set(log.map(({ target }) => target));
  for (const [index, { sequence, from, clientMessageId, kind, text }] of log.entries()) {
    if (sequence !== index + 1) problem(`entry ${index + 1} has the number ${sequence}`);
    const id = `${from} ${clientMessageId.join(',')}`;
    if (ids.has(id)) problem(`what ${from} sent is twice in the log, again as ${sequence}`);
    ids.add(id);
    // Hostile clients may say the same twice.
    if (!honest.has(from) || kind !== 'text' || text === undefined || changed.has(sequence)) continue;
    if (firstTexts.has(text)) problem(`"${text}" is ${firstTexts.get(text)} and ${sequence}`);
    firstTexts.set(text, sequence);
  }
  const hasText = (sequence: number, text: string) =>
    changed.has(sequence) ? log[sequence - 1]?.kind === 'text' : log[sequence - 1]?.text === text;
  for (const { nickname, sayings } of parts.talkers) {
    for (const { room: where, kind, text, fate, sequence } of sayings) {
      if (where !== room) continue;
      if (fate === 'refused' && text !== undefined && firstTexts.has(text))
        problem(`${nickname}: "${text}" was refused, and is ${firstTexts.get(text)}`);
      if (fate !== 'accepted') continue;
      const entry = log[sequence - 1];
      const isThere = entry?.from === nickname && entry.kind === kind;
      if (!isThere || (kind === 'text' && !hasText(sequence, text ?? '')))
        problem(`${nickname}: ${kind} "${text}" was accepted as ${sequence}, which is another`);
    }
  }
  if (room !== 'lobby') return problems;
  for (const { text, sequence } of parts.accepted) {
    if (!hasText(sequence, text)) problem(`"${text}" was accepted as ${sequence}, which is another`);
  }
  return problems;
}

/** One sentence for everything in which what somebody saw differs from the log. */
export function checkView(log: readonly LogEntry[], room: string, talker: Talker): string[] {
  const problems: string[] = [];
  const { order, texts, gaps } = talker.seenOf(room);
  const problem = (what: string) => problems.push(`${room}: ${talker.nickname} ${what}`);
  if (gaps > 0) problem(`was told of ${gaps} gaps`);
  const messages = log.filter(({ kind }) => kind === 'text');
  const numbers = messages.map(({ sequence }) => sequence);
  const at = numbers.findIndex((sequence, index) => order[index] !== sequence);
  if (at >= 0) problem(`saw ${order[at]} where ${numbers[at]} comes`);
  if (order.length !== numbers.length) problem(`saw ${order.length} messages of ${numbers.length}`);
  const other = messages.find(({ sequence, text }) => texts.get(sequence) !== text);
  if (other !== undefined)
    problem(`reads "${texts.get(other.sequence)}" as ${other.sequence}, which is "${other.text}"`);
  return problems;
}
