import { library } from '@parley/tsup-config';

export default library();
