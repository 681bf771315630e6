import { ClientError } from '@parley/client-core';

/** The number that names a transfer; throws `transfer-unknown` for any other text. */
export function transferNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ClientError('transfer-unknown', `"${text}" is no number of a transfer; /transfers shows them`);
}
