import { app } from '@parley/tsup-config';

export default app();
