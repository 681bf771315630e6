import { PROTOCOL_VERSION } from '@parley/protocol';

process.stdout.write(`protocol ${PROTOCOL_VERSION}\n`);
