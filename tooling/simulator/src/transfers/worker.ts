import { serveSeeds } from '../serve-seeds.ts';
import { drawTransferPlan } from './plan/draw-plan.ts';
import { TransferRun } from './run.ts';

serveSeeds('transfers', (seed, options) => new TransferRun(drawTransferPlan(seed), options).execute());
