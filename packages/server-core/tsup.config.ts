import { library } from '@parley/tsup-config';

export default library({
  index: 'src/index.ts',
  'hash-worker': 'src/node/hash-worker.ts',
  'sqlite-worker': 'src/node/sqlite-worker.ts',
  'transfer-worker': 'src/node/transfer-worker.ts',
});
