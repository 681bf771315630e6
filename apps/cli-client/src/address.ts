/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** The port of a Parley server when none is named (docs/spec/chat.md, Connection). */
const DEFAULT_PORT = 8255;

/** Reads `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT` or a bare IPv6 address; undefined for anything else. */
export function parseAddress(text: string): ServerAddress | undefined {
  const trimmed = text.trim();
  // More than one colon without brackets can only be an IPv6 address.
  if (/^[\da-f:.]+(?:%\w+)?$/i.test(trimmed) && trimmed.split(':').length > 2) {
    return { host: trimmed, port: DEFAULT_PORT };
  }
  const match = /^(?:\[([^\]\s]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(trimmed);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return undefined;
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** A server, and the room that a link leads to. */
export interface ServerPlace extends ServerAddress {
  readonly room: string | undefined;
}

/** Reads what `parseAddress` reads, and links such as `parley://HOST:PORT/ROOM`; undefined for anything else. */
export function parsePlace(text: string): ServerPlace | undefined {
  const link = /^parley:\/\/([^/?#]+)(?:\/([^/?#]*))?\/?$/i.exec(text.trim());
  const address = parseAddress(link?.[1] ?? text);
  if (address === undefined) return undefined;
  const room = decoded(link?.[2] ?? '');
  if (room === undefined) return undefined;
  return { ...address, room: room === '' ? undefined : room };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
