import { emojiOf } from '../text/emoji.ts';
import type { ArgumentDefinition, ArgumentKind, CommandDefinition } from './definition.ts';
import { findCommand } from './parse-command.ts';
import { quoted, type Token, tokenize } from './tokens.ts';

/** Gives what there is of a kind; may have to ask the server or the disk. `prefix` is what was typed of it. */
export type CandidateSource = (kind: ArgumentKind, prefix: string) => Promise<readonly string[]>;

/** What Tab makes of a line. */
export interface Completion {
  readonly text: string;
  readonly cursor: number;
  /** When the typed part is ambiguous: everything that it could become, and the line that each of them makes. */
  readonly candidates: readonly Candidate[];
}

/** One of several completions. */
export interface Candidate {
  /** As it is shown to choose from. */
  readonly label: string;
  readonly text: string;
  readonly cursor: number;
}

/** Candidates that are shown; a long directory does not have to fill the screen. */
const CANDIDATES_SHOWN_MAX = 60;

/** What stands before the cursor, and what may become of it. */
interface Target {
  readonly kind: ArgumentKind | 'keyword';
  /** The only candidate, where there is no choice. */
  readonly keyword?: string;
  readonly prefix: string;
  readonly start: number;
  /** What follows a completed value. */
  readonly suffix: string;
  readonly render: (value: string, isWhole: boolean) => string;
}

/** Completes the word before the cursor; undefined when there is nothing to complete there. */
export async function completeLine<Context>(
  text: string,
  cursor: number,
  commands: readonly CommandDefinition<Context>[],
  candidatesOf: CandidateSource,
): Promise<Completion | undefined> {
  const target = findTarget(text.slice(0, cursor), commands);
  if (!target) return undefined;
  const offered =
    target.kind === 'keyword' ? [target.keyword ?? ''] : await candidatesOf(target.kind, target.prefix);
  const wanted = fold(target.prefix);
  const fitting = offered.filter((candidate) => fold(candidate).startsWith(wanted));
  const only = fitting.length === 1 ? fitting[0] : undefined;
  if (fitting.length === 0) return undefined;
  const lineWith = (value: string, isCandidate: boolean) => {
    const isWhole = isCandidate && !(target.kind === 'path' && value.endsWith('/'));
    const inserted = target.render(value, isWhole) + (isWhole ? target.suffix : '');
    return {
      text: text.slice(0, target.start) + inserted + text.slice(cursor),
      cursor: target.start + inserted.length,
    };
  };
  if (only !== undefined) return { ...lineWith(only, true), candidates: [] };
  const candidates = fitting
    .slice(0, CANDIDATES_SHOWN_MAX)
    .map((value) => ({ label: labelOf(target.kind, value), ...lineWith(value, true) }));
  return { ...lineWith(commonStart(fitting, target.prefix), false), candidates };
}

/** An emoji is known by its sign, and typed by its name. */
function labelOf(kind: Target['kind'], value: string): string {
  return kind === 'emoji' ? `${emojiOf(value) ?? ''} ${value.replace(/:$/, '')}` : value;
}

function findTarget<Context>(
  before: string,
  commands: readonly CommandDefinition<Context>[],
): Target | undefined {
  if (/^\/[^\s/]*$/.test(before)) {
    const plain = (value: string) => `/${value}`;
    return { kind: 'command', prefix: before.slice(1), start: 0, suffix: ' ', render: plain };
  }
  const name = /^\/([^\s/]+)\s/.exec(before)?.[1];
  if (name === undefined) return nicknameInText(before);
  const definition = findCommand(name, commands);
  if (!definition) return undefined;
  const tokens = tokenize(before, name.length + 1);
  const last = tokens.at(-1);
  const isOpen = last !== undefined && last.end === before.length && (!last.quote || !last.isClosed);
  return argumentTarget(before, definition.arguments, tokens, isOpen ? last : undefined);
}

/** `:smile` becomes the sign itself; as long as it may be one of several, its name. */
function emojiInText(prefix: string, start: number): Target {
  const render = (name: string, isWhole: boolean) => (isWhole ? (emojiOf(name) ?? name) : `:${name}`);
  return { kind: 'emoji', prefix, start, suffix: ' ', render };
}

/** A nickname inside ordinary text; at its beginning it is an address and gets a colon. */
function nicknameInText(before: string): Target | undefined {
  const prefix = /\S+$/.exec(before)?.[0];
  if (prefix === undefined) return undefined;
  const start = before.length - prefix.length;
  if (/^:[a-z0-9_+-]{2,}:?$/i.test(prefix)) return emojiInText(prefix.slice(1), start);
  if (/^#./.test(prefix)) {
    const render = (value: string) => `#${value}`;
    return { kind: 'room', prefix: prefix.slice(1), start, suffix: ' ', render };
  }
  const suffix = start === 0 ? ': ' : ' ';
  const hasAt = prefix.startsWith('@');
  const render = (value: string) => (hasAt ? `@${value}` : value);
  return { kind: 'nickname', prefix: hasAt ? prefix.slice(1) : prefix, start, suffix, render };
}

function argumentTarget(
  before: string,
  definitions: readonly ArgumentDefinition[],
  tokens: readonly Token[],
  open: Token | undefined,
): Target | undefined {
  const start = open?.start ?? before.length;
  const base = { prefix: open?.value ?? '', start, suffix: ' ' };
  const render = (value: string, isWhole: boolean) => renderWord(value, isWhole, open?.quote ?? '');
  let finished = tokens.length - (open ? 1 : 0);
  for (const definition of definitions) {
    if (definition.kind === 'text') return nicknameInText(before);
    if (definition.keyword !== undefined) {
      // The keyword itself is typed for the user.
      if (finished === 0) {
        return { ...base, kind: 'keyword', keyword: definition.keyword, render };
      }
      finished -= 1;
    }
    if (finished === 0) {
      // A room may be written with the sign that it has in texts.
      const prefix = definition.kind === 'room' ? base.prefix.replace(/^#/, '') : base.prefix;
      return { ...base, prefix, kind: definition.kind, render };
    }
    finished -= 1;
  }
  return undefined;
}

/** Writes a value with the quotes it needs; the closing one only when the value is whole. */
function renderWord(value: string, isWhole: boolean, openQuote: Token['quote']): string {
  if (openQuote === "'" && !value.includes("'")) return isWhole ? `'${value}'` : `'${value}`;
  if (isWhole) return openQuote === '' ? quoted(value) : `"${value.replace(/["\\]/g, '\\$&')}"`;
  const needsQuote = openQuote !== '' || quoted(value) !== value;
  return needsQuote ? `"${value.replace(/["\\]/g, '\\$&')}` : value;
}

/** The longest beginning that all candidates share, at least what was typed. */
function commonStart(candidates: readonly string[], typed: string): string {
  let shared = candidates[0] ?? '';
  for (const candidate of candidates) {
    let length = 0;
    while (length < shared.length && fold(shared[length] ?? '') === fold(candidate[length] ?? ''))
      length += 1;
    shared = shared.slice(0, length);
  }
  // Half of a surrogate pair is no beginning of anything.
  if (/[\ud800-\udbff]$/.test(shared)) shared = shared.slice(0, -1);
  return shared.length >= typed.length ? shared : typed;
}

function fold(text: string): string {
  return text.toLowerCase();
}
