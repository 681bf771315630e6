import { StoreError, type StoreErrorCode } from '../../../history/history-store.ts';

/** Words for those who chat: they name no path and no SQLite. */
const PROBLEMS: { readonly [Code in StoreErrorCode]: string } = {
  'disk-full': "the disk of the server's history is full",
  busy: "another program holds the server's history",
  corrupt: "the server's history is damaged",
  'too-new': "a newer program wrote the server's history",
  closed: 'the history is closed',
  io: "the disk of the server's history refused",
};

/** What the operator can do about a file that cannot be opened. */
const ADVICE: { readonly [Code in StoreErrorCode]: string } = {
  'disk-full': 'make room on its disk',
  busy: 'another server uses it: stop that one, or choose another folder with --data',
  corrupt:
    'restore a copy of it, save what can be read (sqlite3 FILE .recover), or move it away to begin a new history',
  'too-new': 'run that version of Parley, or move the file away to begin a new history',
  closed: 'start again',
  io: 'see that its folder can be written to, or choose another one with --data',
};

/** What SQLite, or the system, said, as an error of a store. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  const storeCode = storeCodeOf(typeof code === 'string' ? code : '');
  const detail = storeCode === 'io' ? ` (${message})` : '';
  return new StoreError(storeCode, `${PROBLEMS[storeCode]}${detail}`, { cause: error });
}

/** The same for a file that could not be opened: for the operator, with its name and the way out. */
export function toOpenError(error: unknown, file: string): StoreError {
  const { code } = toStoreError(error);
  const { message } = error as Error;
  const problem = `the history ${file} cannot be used: ${message}; ${ADVICE[code]}`;
  return new StoreError(code, problem, { cause: error });
}

function storeCodeOf(code: string): StoreErrorCode {
  // Extended codes follow the plain one: SQLITE_BUSY_SNAPSHOT, SQLITE_CORRUPT_VTAB (https://sqlite.org/rescode.html).
  const [plain] = /^(?:SQLITE_[A-Z]+|E[A-Z]+)/.exec(code) ?? [];
  switch (plain) {
    case 'SQLITE_FULL':
    case 'ENOSPC':
    case 'EDQUOT':
      return 'disk-full';
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return 'busy';
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return 'corrupt';
    default:
      return 'io';
  }
}
