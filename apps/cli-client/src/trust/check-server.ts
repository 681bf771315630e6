import type { CheckServer } from '@parley/client-core';

/** What decides whether a server is the one that was meant. */
export interface CheckOptions {
  /** `HOST:PORT`, as people write it. */
  readonly server: string;
  /** What the command line says; it goes before everything that is known. */
  readonly expected: string | undefined;
  /** What was accepted earlier. */
  readonly known: string | undefined;
  /** Keeps what the command line says, now that the server has shown it. */
  readonly remember: (fingerprint: string) => void;
}

/** Believes the fingerprint of the command line, those that are known, and servers that the system's roots vouch for. */
// CHAT-TLS-2
export function createServerCheck({ server, expected, known, remember }: CheckOptions): CheckServer {
  return ({ fingerprint, isVouchedFor }) => {
    if (expected !== undefined && fingerprint !== expected) {
      const message = `${server} shows the fingerprint ${fingerprint}, not the expected ${expected}`;
      return { reason: 'changed', message };
    }
    if (fingerprint === expected) {
      if (known !== expected) remember(fingerprint);
      return undefined;
    }
    if (isVouchedFor || known === fingerprint) return undefined;
    return known === undefined
      ? { reason: 'unknown', message: unknownWords(server, fingerprint) }
      : { reason: 'changed', message: changedWords(server, known, fingerprint) };
  };
}

function unknownWords(server: string, fingerprint: string): string {
  return (
    `${server} is not known yet. Its fingerprint is ${fingerprint}: compare it with the one that whoever runs the ` +
    `server tells you (it is shown by "parley-server fingerprint"), then connect with --fingerprint ${fingerprint}`
  );
}

function changedWords(server: string, known: string, fingerprint: string): string {
  return (
    `WARNING: ${server} IS NOT THE SERVER THAT IT WAS. Its fingerprint was ${known} and is now ${fingerprint}. ` +
    'Somebody may be listening in between, or the server has a new identity. Nothing was sent to it. Ask whoever runs ' +
    `the server; only if they confirm the new fingerprint, connect with --fingerprint ${fingerprint}`
  );
}
