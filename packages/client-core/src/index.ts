export { clientVersions } from './domain/versions.ts';
export { openTransferWorker } from './node/transfers.ts';
