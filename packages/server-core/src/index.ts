export { openTransferWorker } from './node/transfers.ts';
