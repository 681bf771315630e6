import { isolatedProject } from '@parley/vitest-config';

export default isolatedProject('cli-client');
