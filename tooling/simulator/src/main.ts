import { createRandom } from '@parley/netsim';
import { parseSeed } from './seed.ts';

const seed = parseSeed(process.argv[2]);
const random = createRandom(seed);
process.stdout.write(`seed ${seed}: ${random.ratio()}\n`);
