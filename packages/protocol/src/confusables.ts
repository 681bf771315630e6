/**
 * Letters of other scripts that look like Latin ones, so that nobody can take a name that reads like another's
 * (CHAT-NICK-5). A subset of Unicode's confusables.txt (UTS 39): the Cyrillic, Greek and Armenian letters, and some rare Latin
 * ones, of which a reader cannot tell whether they are Latin. All are lower-case; a capital that looks like a Latin capital
 * while its small letter does not stands for that Latin letter too (Н: н is h).
 */
const LOOK_ALIKES: readonly (readonly [lookAlikes: string, latin: string])[] = [
  ['аαɑ', 'a'],
  ['вβь', 'b'],
  ['сϲ', 'c'],
  ['ԁ', 'd'],
  ['еεҽ', 'e'],
  ['ɡց', 'g'],
  ['һнηհ', 'h'],
  ['іιıɩ', 'i'],
  ['јϳյ', 'j'],
  ['кκ', 'k'],
  ['ӏ', 'l'],
  ['мμ', 'm'],
  ['νո', 'n'],
  ['оοօσ', 'o'],
  ['рρ', 'p'],
  ['ԛզ', 'q'],
  ['ѕ', 's'],
  ['тτ', 't'],
  ['սυ', 'u'],
  ['ѵ', 'v'],
  ['ԝ', 'w'],
  ['хχ', 'x'],
  ['уүγ', 'y'],
  ['ζ', 'z'],
];

const LATIN_BY_LOOK_ALIKE = new Map(
  LOOK_ALIKES.flatMap(([lookAlikes, latin]) => Array.from(lookAlikes, (letter) => [letter, latin] as const)),
);

/** Replaces every lower-case letter that looks like a Latin one by that one. */
export function toLatinLookAlike(lowerCase: string): string {
  let result = '';
  for (const letter of lowerCase) result += LATIN_BY_LOOK_ALIKE.get(letter) ?? letter;
  return result;
}
