import type { ParleyClient, Transfer } from '@parley/client-core';
import { formatBytes } from '../view/format.ts';

/** Asks somebody; `undefined` when there is nobody who answers. */
export type Ask = (question: string) => Promise<string | undefined>;

/**
 * Holds a download once it has come to `confirmAt` (a part of 1) of the file, and asks whether to go on. Whoever says no, or
 * nothing, leaves: what has arrived is kept.
 */
export function confirmOnTheWay(
  client: ParleyClient,
  options: { readonly number: number; readonly confirmAt: number; readonly ask: Ask },
): void {
  const { number, confirmAt, ask } = options;
  let isAsked = false;
  client.on('transfer-changed', ({ transfer }) => {
    const { state, size, receivedBytes } = transfer;
    if (transfer.number !== number || isAsked || state !== 'running' || size === undefined) return;
    if (receivedBytes < confirmAt * size) return;
    isAsked = true;
    void confirm(client, transfer, ask);
  });
}

async function confirm(client: ParleyClient, transfer: Transfer, ask: Ask): Promise<void> {
  const { number, name } = transfer;
  try {
    await client.pauseTransfer(number);
  } catch {
    // It came to its end meanwhile: there is nothing left to decide.
    return;
  }
  const { receivedBytes, size = 0 } = client.transfers.find((one) => one.number === number) ?? transfer;
  const percent = Math.floor((100 * receivedBytes) / size);
  const answer = await ask(
    `${name}: ${percent}% is here (${formatBytes(receivedBytes)} of ${formatBytes(size)}); go on? (yes, no): `,
  );
  if (answer === undefined || !/^y(es)?$/i.test(answer.trim())) {
    await client.leave();
    return;
  }
  // The session may have ended while somebody thought about it: the download has said so itself.
  await client.resumeTransfer(number).catch(() => undefined);
}
