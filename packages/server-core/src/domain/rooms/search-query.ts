import { type NicknameKey, nicknameKey, type Parsed, parseNickname } from '@parley/protocol';

/** What somebody looks for, as typed. */
export interface ParsedQuery {
  readonly words: readonly string[];
  readonly from: NicknameKey | undefined;
  /** A room as typed, or `@` and a nickname for a conversation. */
  readonly room: string | undefined;
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly hasFile: boolean;
}

const WORDS_MAX = 16;
/** A filter with nothing behind it, as in `from: ann`: taken for a word it would find what nobody looked for. */
const BARE_FILTER = /^(?:from|in|before|after|has):$/;
const TOKEN = /(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/gu;

/** Reads `words "more words" from:ann in:kitchen before:2026-11-27 after:2026-11-01 has:file`. */
// CHAT-SEARCH-1, CHAT-SEARCH-2
export function parseSearchQuery(text: string): Parsed<ParsedQuery> {
  const query = {
    words: [] as string[],
    from: undefined,
    room: undefined,
    after: undefined,
    before: undefined,
  } as {
    words: string[];
    from: NicknameKey | undefined;
    room: string | undefined;
    after: number | undefined;
    before: number | undefined;
  };
  let hasFile = false;
  for (const [whole, filter, quoted, plain] of text.matchAll(TOKEN)) {
    const value = quoted ?? plain ?? '';
    if (quoted === undefined && BARE_FILTER.test(whole)) {
      return problem(`${whole} expected its value right behind the colon; in quotes it is a word`);
    }
    switch (filter) {
      case 'from': {
        const name = parseNickname(value);
        if (!name.ok) return problem(`from: ${name.problem}`);
        query.from = nicknameKey(name.value);
        break;
      }
      case 'in':
        query.room = value;
        break;
      case 'before':
      case 'after': {
        const time = parseUtcDay(value);
        if (time === undefined) return problem(`${filter}: expected a day like 2026-11-27, got "${value}"`);
        query[filter] = time;
        break;
      }
      case 'has':
        if (value !== 'file') return problem(`has: expected "file", got "${value}"`);
        hasFile = true;
        break;
      default:
        query.words.push(quoted === undefined || filter !== undefined ? whole : quoted);
    }
  }
  if (query.words.length > WORDS_MAX) return problem(`a search has at most ${WORDS_MAX} words`);
  const isEmpty = query.words.length === 0 && query.from === undefined && !hasFile;
  if (isEmpty && query.after === undefined && query.before === undefined) {
    return problem('expected words, or from:, before:, after:, has:file');
  }
  return { ok: true, value: { ...query, hasFile } };
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/** The beginning of a day in UTC, milliseconds since 1970; `undefined` when there is no such day. */
function parseUtcDay(text: string): number | undefined {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || year < 1970) return undefined;
  const days = daysBeforeYear(year) - daysBeforeYear(1970) + daysBeforeMonth(year, month) + day - 1;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) ? days * DAY_MS : undefined;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function daysBeforeMonth(year: number, month: number): number {
  let days = 0;
  for (let earlier = 1; earlier < month; earlier += 1) days += daysInMonth(year, earlier);
  return days;
}

function daysBeforeYear(year: number): number {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}
