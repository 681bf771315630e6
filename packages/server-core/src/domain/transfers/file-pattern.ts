/** What one place of a pattern takes. */
type Token =
  | { readonly kind: 'character'; readonly character: string }
  | {
      readonly kind: 'set';
      readonly isNegated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    }
  | { readonly kind: 'one' }
  /** Any number of characters: of one name, or across folders. */
  | { readonly kind: 'many'; readonly crosses: boolean }
  /** What stands before a name: nothing, or … */
  | { readonly kind: 'perhaps' }
  /** … folders, with the slash behind them. */
  | { readonly kind: 'folders' };

/** Whether a path fits. */
export type FilePattern = (path: string) => boolean;

/**
 * Reads a pattern for paths. Time is at most the length of the path times that of the pattern, whatever the pattern is: it
 * comes from whoever likes, and regular expressions would let them choose how long the server thinks.
 */
// CHAT-LIST-8
export function parseFilePattern(pattern: string): FilePattern {
  const wanted = fold(pattern);
  if (wanted === '') return () => true;
  if (!/[*?[]/.test(wanted)) return (path) => fold(path).includes(wanted);
  const tokens = tokensOf(wanted);
  const isWholePath = wanted.includes('/');
  return (path) => {
    const folded = fold(path);
    return fits(tokens, [...(isWholePath ? folded : folded.slice(folded.lastIndexOf('/') + 1))]);
  };
}

/** The hexadecimal digits with which the SHA-256 of a wanted file begins, when a pattern asks for that. */
// CHAT-LIST-10
export function parseDigestPattern(pattern: string): string | undefined {
  return /^sha256:([0-9a-f]{4,64})$/i.exec(pattern)?.[1];
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function tokensOf(pattern: string): Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; ) {
    const character = characters[index] as string;
    const set = character === '[' ? setAt(characters, index) : undefined;
    if (set !== undefined) {
      tokens.push(set.token);
      index = set.end;
    } else if (character === '*' && characters[index + 1] === '*') {
      const isFolders = characters[index + 2] === '/';
      if (isFolders) tokens.push({ kind: 'perhaps' }, { kind: 'folders' });
      else tokens.push({ kind: 'many', crosses: true });
      index += isFolders ? 3 : 2;
    } else {
      tokens.push(simpleToken(character));
      index += 1;
    }
  }
  return tokens;
}

function simpleToken(character: string): Token {
  if (character === '*') return { kind: 'many', crosses: false };
  return character === '?' ? { kind: 'one' } : { kind: 'character', character };
}

/** The `[…]` that begins at `start`; `undefined` when nothing closes it. */
function setAt(characters: readonly string[], start: number): { token: Token; end: number } | undefined {
  const isNegated = characters[start + 1] === '!';
  const first = start + (isNegated ? 2 : 1);
  // A `]` in the first place is one of the characters.
  const close = characters.indexOf(']', first + 1);
  if (close < 0) return undefined;
  const ranges: (readonly [string, string])[] = [];
  for (let index = first; index < close; index += 1) {
    const low = characters[index] as string;
    const isRange = characters[index + 1] === '-' && index + 2 < close;
    ranges.push([low, isRange ? (characters[index + 2] as string) : low]);
    if (isRange) index += 2;
  }
  return { token: { kind: 'set', isNegated, ranges }, end: close + 1 };
}

/** Follows all ways through the pattern at once: which of its places can be reached after each character. */
function fits(tokens: readonly Token[], characters: readonly string[]): boolean {
  let reached = withSkips(tokens, new Uint8Array(tokens.length + 1).fill(1, 0, 1));
  for (const character of characters) {
    const next = new Uint8Array(tokens.length + 1);
    for (const [index, token] of tokens.entries()) {
      if (reached[index] === 0 || !takes(token, character)) continue;
      const stays = token.kind === 'many' || token.kind === 'folders';
      if (stays) next[index] = 1;
      if (!stays || (token.kind === 'folders' && character === '/')) next[index + 1] = 1;
    }
    reached = withSkips(tokens, next);
  }
  return reached[tokens.length] === 1;
}

/** What takes any number of characters may take none. */
function withSkips(tokens: readonly Token[], reached: Uint8Array): Uint8Array {
  for (const [index, token] of tokens.entries()) {
    if (reached[index] === 0) continue;
    if (token.kind === 'many' || token.kind === 'perhaps') reached[index + 1] = 1;
    if (token.kind === 'perhaps') reached[index + 2] = 1;
  }
  return reached;
}

function takes(token: Token, character: string): boolean {
  switch (token.kind) {
    case 'character':
      return token.character === character;
    case 'one':
      return character !== '/';
    case 'many':
      return token.crosses || character !== '/';
    case 'folders':
      return true;
    case 'perhaps':
      return false;
    case 'set':
      return (
        character !== '/' &&
        token.isNegated !== token.ranges.some(([low, high]) => low <= character && character <= high)
      );
  }
}
