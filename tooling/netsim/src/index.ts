export { type DatagramTrain, type EventOf, type SimulatedEndpoint, splitTrain } from './endpoint.ts';
export { EventQueue } from './event-queue.ts';
export { type Delivery, Link, type LinkCounters, type LinkDrop, type Transmission } from './link.ts';
export type { LinkOptions, Outage } from './link-options.ts';
export { expectedLossRatio, type LossModel } from './loss-model.ts';
export { type Address, formatAddress, Network, type NetworkDrop, type PathName } from './network.ts';
export { Pair, type PairOptions } from './pair.ts';
export { createRandom, type Random } from './random.ts';
export {
  type NodeOptions,
  type RunLimits,
  type SimulatedNode,
  Simulation,
  type SimulationOptions,
} from './simulation.ts';
export { SimulationError, type SimulationErrorCode } from './simulation-error.ts';
export { formatTraceRecord, Trace, type TraceRecord } from './trace.ts';
export { VirtualClock } from './virtual-clock.ts';
