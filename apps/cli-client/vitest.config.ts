import { sharingProject } from '@parley/vitest-config';

export default sharingProject('cli-client');
