import { BbrController } from './bbr/bbr.ts';
import type { CongestionController } from './controller.ts';
import { CubicController } from './cubic/cubic.ts';
import { FixedWindowController } from './fixed-window.ts';
import type { CongestionControllerName } from './names.ts';

/** What a controller is made from. */
export interface CongestionControllerOptions {
  /** UDP payload bytes of a full packet at the start. */
  readonly maxDatagramBytes: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Packets in flight of `fixed-window`; the others ignore it. */
  readonly windowPackets: number;
}

/** Makes the controller of one path. */
export function createCongestionController(
  name: CongestionControllerName,
  options: CongestionControllerOptions,
): CongestionController {
  switch (name) {
    case 'bbr':
      return new BbrController(options);
    case 'cubic':
      return new CubicController(options);
    case 'fixed-window':
      return new FixedWindowController(options);
  }
}
