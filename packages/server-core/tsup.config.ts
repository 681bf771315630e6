import { library } from '@parley/tsup-config';

export default library({
  index: 'src/index.ts',
  'catalogue-worker': 'src/node/catalogue/catalogue-worker.ts',
  'hash-worker': 'src/node/hashing/hash-worker.ts',
  'sqlite-worker': 'src/node/history/sqlite/sqlite-worker.ts',
  'transfer-worker': 'src/node/transfers/transfer-worker.ts',
});
