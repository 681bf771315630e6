import { EXIT_CODES } from '../exit-codes.ts';

/** What each exit code says, for `--help` and the man page. */
export const EXIT_CODE_WORDS: readonly (readonly [code: number, words: string])[] = [
  [EXIT_CODES.success, 'done'],
  [EXIT_CODES.internal, 'a mistake of this program'],
  [EXIT_CODES.usage, 'the command line makes no sense'],
  [EXIT_CODES.connection, 'no connection to a Parley server, or it was lost'],
  [EXIT_CODES.refused, 'the server refused (a taken nickname, a bad text…)'],
  [EXIT_CODES.notFound, 'no such file, user or room'],
  [EXIT_CODES.target, 'the target exists already, or it or the output cannot be written'],
  [EXIT_CODES.transfer, 'the transfer broke off, or its bytes were not the announced ones'],
  [EXIT_CODES.untrusted, 'the server is not known, or is not the one that it was (--fingerprint)'],
  [EXIT_CODES.interrupted, 'interrupted (Ctrl-C)'],
];
