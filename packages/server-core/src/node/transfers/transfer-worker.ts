import { parentPort, workerData } from 'node:worker_threads';
import type { TransferId } from '@parley/protocol';
import { prepare } from '@parley/rudp';
import { lowerPriorityOfThread } from '@parley/threads';
import { WARM_UP_AFTER_MS } from '../limits.ts';
import { openTransferEngine, type TransferEngine } from './transfer-engine.ts';
import type { TransferCommand, TransferReport, TransferWorkerData } from './transfer-messages.ts';

// The entry of the thread that `openWorkerTransferHost` starts: an engine behind a message port.

lowerPriorityOfThread();

try {
  const engine = await openTransferEngine({
    ...(workerData as TransferWorkerData),
    // The main thread starts another worker when this one dies.
    onFailure: (error) => {
      throw error;
    },
  });
  engine.onEvent((event) => report({ type: 'event', event }));
  // Only while nobody waits: what this leaves undone the first transfer does.
  const { io } = workerData as TransferWorkerData;
  const rehearsal = new AbortController();
  let rehearsed: Promise<void> = Promise.resolve();
  const warmUp = setTimeout(() => {
    rehearsed = prepare({ io, signal: rehearsal.signal }).catch(() => undefined);
  }, WARM_UP_AFTER_MS);
  parentPort?.on('message', async (command: TransferCommand) => {
    clearTimeout(warmUp);
    rehearsal.abort();
    // After closing, this thread is ended by force, which no native call must be in the middle of.
    if (command.type === 'close') await rehearsed;
    await obey(engine, command);
  });
  report({
    type: 'opened',
    ...engine.address(),
    tlsPort: engine.tlsPort(),
    socket: engine.socketStatistics(),
  });
} catch (error) {
  const { message, cause } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  report({ type: 'open-failed', message, code });
}

async function obey(engine: TransferEngine, command: TransferCommand): Promise<void> {
  switch (command.type) {
    case 'offer':
      await offer(command.offer.transferId, async () => {
        await engine.offer(command.offer);
        return { start: 0 };
      });
      break;
    case 'expect':
      await offer(command.offer.transferId, () => engine.expect(command.offer));
      break;
    case 'cancel':
      engine.cancel(command.transferId, command);
      break;
    case 'close':
      await engine.close();
      report({ type: 'closed' });
      break;
  }
}

async function offer(transferId: TransferId, take: () => Promise<{ start: number }>): Promise<void> {
  try {
    const { start } = await take();
    report({ type: 'offered', transferId, start });
  } catch (error) {
    report({ type: 'offer-failed', transferId, message: (error as Error).message });
  }
}

function report(message: TransferReport): void {
  parentPort?.postMessage(message);
}
