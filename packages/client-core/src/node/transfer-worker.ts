import { parentPort } from 'node:worker_threads';
import { TRANSPORT_VERSION } from '@parley/rudp';

parentPort?.postMessage({ transport: TRANSPORT_VERSION });
