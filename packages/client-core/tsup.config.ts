import { library } from '@parley/tsup-config';

export default library({ index: 'src/index.ts', 'transfer-worker': 'src/node/transfers/transfer-worker.ts' });
