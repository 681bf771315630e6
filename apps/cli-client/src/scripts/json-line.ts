/** Characters that JSON may hold as they are, and that a terminal or a program that reads lines could take for more. */
const SUSPECT = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A value as one line of JSON, harmless wherever it is shown. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    SUSPECT,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** A text in a line of columns: what would begin another line or column is shown as a sign. */
export function columnText(text: string): string {
  return text.replace(/\r\n|[\n\r]/g, '\u2424').replace(/\t/g, '    ');
}
