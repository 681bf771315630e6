import { ClientError } from '@parley/client-core';
import type { ChatCommand } from './chat-context.ts';

/** How urgent a transfer can be. */
export const PRIORITIES = ['high', 'normal', 'low'] as const;

const priority: ChatCommand = {
  name: 'priority',
  arguments: [
    { name: 'n', kind: 'transfer' },
    { name: 'what', kind: 'priority' },
  ],
  summary: 'begin transfer N before or after others that wait: high, normal or low',
  details: ['What has begun already goes on.'],
  async run({ client, ui }, { n = '', what }) {
    const wanted = PRIORITIES.find((one) => one === what);
    if (wanted === undefined) {
      throw new ClientError('text-invalid', `"${what}" is none of ${PRIORITIES.join(', ')}`);
    }
    if (!/^\d{1,9}$/.test(n)) {
      throw new ClientError('transfer-unknown', `"${n}" is no number of a transfer; /transfers shows them`);
    }
    const transfer = await client.prioritizeTransfer(Number(n), wanted);
    ui.show({ type: 'notice', text: `${transfer.direction} ${n} of ${transfer.name}: ${wanted} priority` });
  },
};

/** The commands that change the queue of transfers. */
export const QUEUE_COMMANDS: readonly ChatCommand[] = [priority];
