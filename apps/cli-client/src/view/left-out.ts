import type { Transfer } from '@parley/client-core';
import { safeText } from '../text/safe-text.ts';

const SHOWN_MAX = 3;

/** What of an uploaded folder was not sent, and why. */
export function leftOutWords({ name, leftOut }: Pick<Transfer, 'name' | 'leftOut'>): string {
  const shown = leftOut
    .slice(0, SHOWN_MAX)
    .map((path) => safeText(path))
    .join(', ');
  const more = leftOut.length > SHOWN_MAX ? ` and ${leftOut.length - SHOWN_MAX} more` : '';
  return `${safeText(name)}: not sent (hidden, a device, a link that leads out, or unreadable): ${shown}${more}`;
}
