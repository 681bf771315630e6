import type { Entry, EntryContent } from '../view/entry.ts';

/** Two things that are further apart are two things. */
const APART_MS = 10 * 60_000;

/**
 * One entry instead of two that follow each other, where that says the same in less: people who come and go, transfers that begin
 * or are done. So a busy room stays one of messages. Undefined: they stay two.
 */
export function mergeEntries(before: Entry, after: Entry): Entry | undefined {
  if (after.time - before.time > APART_MS || before.sequence !== undefined || after.sequence !== undefined) {
    return undefined;
  }
  const content =
    mergeTraffic(before.content, after.content) ?? mergeTransfers(before.content, after.content);
  return content && { ...before, content };
}

function mergeTraffic(before: EntryContent, after: EntryContent): EntryContent | undefined {
  const [first, second] = [trafficOf(before), trafficOf(after)];
  if (first === undefined || second === undefined) return undefined;
  // Who came back has come, who left again has left: the last word about somebody counts.
  const names = new Set([...second.joined, ...second.left]);
  const others = (list: readonly string[]) => list.filter((name) => !names.has(name));
  return {
    type: 'traffic',
    joined: [...others(first.joined), ...second.joined],
    left: [...others(first.left), ...second.left],
  };
}

function trafficOf(content: EntryContent) {
  switch (content.type) {
    case 'joined':
      return { joined: [content.nickname], left: [] };
    case 'left':
      return { joined: [], left: [content.nickname] };
    case 'traffic':
      return content;
    default:
      return undefined;
  }
}

function mergeTransfers(before: EntryContent, after: EntryContent): EntryContent | undefined {
  const [first, second] = [transfersOf(before), transfersOf(after)];
  if (first === undefined || second === undefined) return undefined;
  if (first.last.direction !== second.last.direction) return undefined;
  const isOne = first.begun === 1 && first.done === 0 && second.done === 1;
  // A single one that is done says where it is, and how fast it was.
  if (isOne && first.last.number === second.last.number) return after;
  return {
    type: 'transfers-so-far',
    // One that stands as done stands for its begin as well.
    begun: Math.max(first.begun, first.done) + second.begun,
    done: first.done + second.done,
    doneBytes: first.doneBytes + second.doneBytes,
    last: second.last,
  };
}

function transfersOf(content: EntryContent): Extract<EntryContent, { type: 'transfers-so-far' }> | undefined {
  if (content.type === 'transfers-so-far') return content;
  if (content.type !== 'transfer-begun' && content.type !== 'transfer-over') return undefined;
  const { transfer: last } = content;
  const base = { type: 'transfers-so-far', last } as const;
  if (content.type === 'transfer-begun') return { ...base, begun: 1, done: 0, doneBytes: 0 };
  return last.state === 'completed' ? { ...base, begun: 0, done: 1, doneBytes: last.size ?? 0 } : undefined;
}
