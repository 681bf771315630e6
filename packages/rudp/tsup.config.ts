import { library } from '@parley/tsup-config';

export default library({ index: 'src/index.ts', 'core/index': 'src/core/index.ts' });
