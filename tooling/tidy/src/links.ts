import { posix } from 'node:path';
import type { TextFile } from './repository.ts';

const LINK = /\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g;
const NAMED_FILE = /`(?:\.{1,2}\/)*([\w@./-]+\.(?:ts|mjs))`/g;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/gm;
const EXPLICIT_ANCHOR = /<a (?:id|name)="([^"]+)"/g;

/**
 * Links of Markdown files to files or headings of this repository that lead nowhere.
 * `exists` tells whether a path relative to the root exists.
 */
export function findBrokenLinks(documents: readonly TextFile[], exists: (path: string) => boolean): string[] {
  const anchors = new Map(documents.map(({ path, text }) => [path, anchorsOf(text)]));
  return documents.flatMap(({ path, text }) =>
    [...withoutCode(text).matchAll(LINK)].flatMap((match) => {
      const target = match[1] as string;
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
      const [filePart = '', anchor] = target.split('#');
      const file =
        filePart === '' ? path : posix.normalize(posix.join(posix.dirname(path), decodeURI(filePart)));
      const isBroken = !exists(file) || (anchor !== undefined && anchors.get(file)?.has(anchor) === false);
      return isBroken ? [`${path}: ${target}`] : [];
    }),
  );
}

/**
 * Files of code that documents name, as `run.ts` or by the end of their path, and that are not there (any more).
 * `paths` are those of all files, relative to the root.
 */
export function findLostFiles(documents: readonly TextFile[], paths: readonly string[]): string[] {
  const ends = new Set(
    paths.flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(at).join('/'))),
  );
  return documents.flatMap(({ path, text }) =>
    [...withoutFences(text).matchAll(NAMED_FILE)].flatMap(([, name = '']) =>
      ends.has(name) ? [] : [`${path}: ${name}`],
    ),
  );
}

/** The anchors under which a rendered document's headings can be linked, in the form that code forges use. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set([...text.matchAll(EXPLICIT_ANCHOR)].map((match) => match[1] as string));
  const counts = new Map<string, number>();
  for (const [, title = ''] of withoutFences(text).matchAll(HEADING)) {
    const slug = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

function withoutFences(text: string): string {
  return text.replace(/^ *(```|~~~)[\s\S]*?^ *\1/gm, '');
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, '');
}
