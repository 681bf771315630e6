/** A piece of text, and where it leads if it is a link. */
export interface LinkPart {
  readonly text: string;
  readonly link?: string;
}

/** Longer addresses are shown, but lead nowhere: terminals stop at about two thousand bytes. */
const LINK_CHARACTERS_MAX = 2_000;
/** Printable ASCII only: nothing else may get between the escape sequences of a link. */
const LINK = /\b(?:https?|parley):\/\/[\w!#$%&'()*+,\-./:;=?@~[\]]+/g;
/** What ends a sentence rather than an address. */
const SENTENCE_END = /[.,;:!?'"]+$/;

/** Splits a text (one line, sanitised) at the addresses in it. */
export function linkParts(text: string): LinkPart[] {
  if (!text.includes('://')) return [{ text }];
  const parts: LinkPart[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const link = withoutTail(match[0]);
    if (link.length > LINK_CHARACTERS_MAX) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: link, link });
    from = match.index + link.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** A bracket that was not opened in the address closes one around it. */
function withoutTail(address: string): string {
  let link = address.replace(SENTENCE_END, '');
  while (link.endsWith(')') && count(link, ')') > count(link, '(')) {
    link = link.slice(0, -1).replace(SENTENCE_END, '');
  }
  return link;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
