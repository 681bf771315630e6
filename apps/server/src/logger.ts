import type { ServerNote } from '@parley/server-core';
import { type Logger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { LogLevel } from './options.ts';

const STANDARD_ERROR = 2;

/** The program's log, on standard error: lines for people on a terminal, JSON otherwise. */
export function createLogger(
  level: LogLevel,
  options: { readonly isTerminal: boolean; readonly hasColours: boolean },
): Logger {
  const settings = { level, base: null };
  // Written at once, so that the last words of a process that ends are not lost.
  const target = { dest: STANDARD_ERROR, sync: true };
  if (!options.isTerminal)
    return pino({ ...settings, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(target));
  return pino(
    settings,
    PinoPretty({
      destination: STANDARD_ERROR,
      sync: true,
      colorize: options.hasColours,
      singleLine: true,
      translateTime: 'SYS:HH:MM:ss',
      ignore: 'pid,hostname',
    }),
  );
}

/** Writes what the server notes: people's comings and goings at `info`, the rest of a connection's life at `debug`. */
export function logNotes(logger: Logger): (note: ServerNote) => void {
  const chat = logger.child({ subsystem: 'chat' });
  const transfers = logger.child({ subsystem: 'transfers' });
  return ({ name, ...details }) => {
    switch (name) {
      case 'user-joined':
      case 'user-left':
      case 'room-created':
      case 'account-created':
      case 'account-deleted':
      case 'password-changed':
      case 'decreed':
        chat.info(details, name);
        break;
      case 'session-behind':
      case 'session-flooding':
      case 'session-refused':
      case 'write-failed':
      case 'login-failed':
        chat.warn(details, name);
        break;
      case 'session-ended':
        // A goodbye other than to a user's own wish is worth seeing.
        if ('code' in details && details.code !== undefined && details.code !== 'left')
          chat.info(details, name);
        else chat.debug(details, name);
        break;
      case 'session-opened':
      case 'session-greeted':
        chat.debug(details, name);
        break;
      case 'transfer-offered':
      case 'upload-offered':
      case 'transfer-ended':
        transfers.info(details, name);
        break;
      case 'upload-not-announced':
        transfers.warn(details, name);
        break;
      case 'transfer-started':
      case 'transfer-refused':
        transfers.debug(details, name);
        break;
      default:
        name satisfies never;
    }
  };
}
