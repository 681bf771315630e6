import { serveSeeds } from '../serve-seeds.ts';
import { drawChatPlan } from './plan/draw-plan.ts';
import { ChatRun } from './run.ts';

serveSeeds('chat', (seed, options) => new ChatRun(drawChatPlan(seed), options).execute());
