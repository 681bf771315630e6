import { sharingProject } from '@parley/vitest-config';

export default sharingProject('server-core');
