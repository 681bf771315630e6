import { ClientError, isTransferOver } from '@parley/client-core';
import { parseRate } from '../text/parse-rate.ts';
import { formatBytes } from '../view/format.ts';
import type { ChatCommand } from './chat-context.ts';
import { here } from './here.ts';
import { transferNumber } from './transfer-number.ts';

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
    const transfer = await client.prioritizeTransfer(transferNumber(n), wanted);
    ui.show({ type: 'notice', text: `${transfer.direction} ${n} of ${transfer.name}: ${wanted} priority` });
  },
};

const limitRate: ChatCommand = {
  name: 'limit-rate',
  arguments: [{ name: 'rate', kind: 'word' }],
  summary: 'bytes a second that files move at most, each way: 500k, 2M, or off',
  run({ client, ui }, { rate: text = '' }) {
    const rate = parseRate(text);
    if (rate === undefined && text !== 'off') {
      throw new ClientError('text-invalid', `"${text}" is neither a number of bytes, as 500k or 2M, nor off`);
    }
    client.limitRate(rate);
    const words = rate === undefined ? 'as fast as they can' : `${formatBytes(rate)}/s at most, each way`;
    ui.show({ type: 'notice', text: `files move ${words}` });
  },
};

const progress: ChatCommand = {
  name: 'progress',
  arguments: [{ name: 'n', kind: 'transfer', isOptional: true }],
  summary: 'show this room how far transfer N is, or the one that began last, until it is over',
  details: [
    'Everybody here sees one line that says how far it is, how fast, and how it ends. Nothing of it stays in the log.',
    'It is shown in the room where you are now, if you may write there.',
  ],
  async run({ client, ui, room }, { n }) {
    const latest = client.transfers.findLast(({ state }) => !isTransferOver(state))?.number;
    const number = n === undefined ? latest : transferNumber(n);
    if (number === undefined) throw new ClientError('transfer-unknown', 'nothing is being transferred');
    const told = here(room());
    const { direction } = await client.tellProgress(number, told);
    const where = client.room(told)?.peer ?? told;
    ui.show({ type: 'notice', text: `${where} is shown how far ${direction} ${number} is` });
  },
};

/** The commands that change the queue of transfers, or show it to others. */
export const QUEUE_COMMANDS: readonly ChatCommand[] = [priority, limitRate, progress];
