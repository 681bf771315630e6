import type { TransferPolicy, WorkerTransferHostOptions } from '@parley/client-core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAddress, parsePlace, type ServerAddress, type ServerPlace } from './address.ts';
import { parseRate } from './text/parse-rate.ts';
import { parseFingerprint } from './trust/fingerprint.ts';

/** How the connection is protected, and who says that the server is the right one. */
export type Security =
  /** By plain TCP: not at all. */
  | { readonly kind: 'none' }
  /** By TLS; without a fingerprint the system's roots and the known servers decide. */
  | { readonly kind: 'tls'; readonly fingerprint: string | undefined };

interface SecurityOptions {
  readonly insecure?: true;
  readonly fingerprint?: string;
}

/** Gives a command the options that say how it is protected. */
export function addSecurityOptions(command: Command): void {
  command
    .option(
      '--fingerprint <text>',
      'believe and remember the server that has this one: SHA256:...',
      fingerprint,
    )
    .option('--insecure', 'plain TCP, for a network that you trust: everybody on the way can read it');
}

/** What they say. The options may stand before the command or after it. */
export function securityOf(command: Command): Security {
  const { insecure, fingerprint } = command.optsWithGlobals<SecurityOptions>();
  if (insecure !== true) return { kind: 'tls', fingerprint };
  if (fingerprint === undefined) return { kind: 'none' };
  return command.error(
    'error: --insecure is without TLS, and --fingerprint needs it: leave one of them away',
  );
}

function fingerprint(text: string): string {
  const parsed = parseFingerprint(text);
  if (!parsed) throw new InvalidArgumentError('expected SHA256: and 43 characters, as the server shows it.');
  return parsed;
}

/** The parser of a server's address. Throws commander's error. */
export function address(text: string): ServerAddress {
  const parsed = parseAddress(text);
  if (!parsed) throw new InvalidArgumentError('expected HOST or HOST:PORT, such as chat.example:8255.');
  return parsed;
}

/** The parser of an address or a link. Throws commander's error. */
export function place(text: string): ServerPlace {
  const parsed = parsePlace(text);
  if (!parsed) {
    throw new InvalidArgumentError(
      'expected HOST, HOST:PORT or parley://HOST:PORT/ROOM, such as chat.example:8255.',
    );
  }
  return parsed;
}

/** How the packets of files reach the system. */
export type Io = NonNullable<WorkerTransferHostOptions['io']>;

/** How files go. */
export interface PathOptions {
  readonly io?: Io;
  readonly transfers?: TransferPolicy;
  readonly limitRate?: number;
}

/** Gives a command the options that say how files go. */
export function addPathOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--io <backend>', 'how file packets reach the system (default: auto)').choices([
        'auto',
        'portable',
        'offload',
      ]),
    )
    .addOption(
      new Option('--transfers <way>', 'how files go: UDP, TLS, or what gets through (default: auto)').choices(
        ['auto', 'udp', 'tcp'],
      ),
    )
    .option(
      '--limit-rate <rate>',
      'bytes a second of files at most, each way, as 500k or 2M (default: no limit)',
      limitedRate,
    );
}

function limitedRate(text: string): number {
  const rate = parseRate(text);
  if (rate === undefined) throw new InvalidArgumentError('expected bytes per second, such as 500k or 2M.');
  return rate;
}
