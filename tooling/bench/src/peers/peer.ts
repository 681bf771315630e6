import { fileURLToPath } from 'node:url';
import type { Place, Side } from '../link/place.ts';

/** How a peer is run, once it is known to be there. */
export interface Peer {
  readonly name: string;
  readonly receive: readonly string[];
  readonly send: readonly string[];
  /** Programs that stand between the two (a tunnel's ends), started first. */
  readonly helpers: readonly { readonly side: Side; readonly command: readonly string[] }[];
  /** The congestion control that kernel TCP is to use. */
  readonly congestionControl: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Why a peer cannot be measured here. */
export interface MissingPeer {
  readonly name: string;
  readonly missing: string;
}

/** What the peers need to know. */
export interface PeerSettings {
  readonly place: Place;
  readonly port: number;
  /** Bytes that each run moves; undefined when the sender goes on for as long as the run lasts. */
  readonly bytes: number | undefined;
  /** Folder with a file `source` to send, which arrives as `target`; undefined when bytes come from memory and go nowhere. */
  readonly filesFolder?: string | undefined;
  /** Folder in whose node_modules npm put `udx-native` and `utp-native`. */
  readonly modulesFolder: string;
  /** Drivers of the user's own: name to command. */
  readonly commands: ReadonlyMap<string, string>;
}

/** Says how a peer is run here, or what is missing. */
export type PeerMaker = (settings: PeerSettings) => Omit<Peer, 'name'> | { readonly missing: string };

/** A driver in Node, with our own Node flags: under `--conditions=@parley/source` it measures the sources as well. */
export function nodeDriver(file: string, ...flags: readonly string[]): string[] {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return [process.execPath, ...process.execArgv, '--disable-warning=ExperimentalWarning', ...flags, path];
}

/** A peer of two drivers and nothing else. */
export function stream(
  driver: readonly string[],
  { place, port, bytes, filesFolder }: PeerSettings,
): Omit<Peer, 'name'> {
  const target = [place.host.receiver, String(port), ...(bytes === undefined ? [] : [String(bytes)])];
  return {
    receive: [...driver, 'recv', ...target],
    send: [...driver, 'send', ...target],
    helpers: [],
    congestionControl: undefined,
    environment: { PEER: place.host.sender, ...(filesFolder === undefined ? {} : { FILES: filesFolder }) },
  };
}
