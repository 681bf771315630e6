/** The controllers that come with the library; a new one is one more file beside this one and a line in `create.ts`. */
export const CONGESTION_CONTROLLER_NAMES = ['bbr', 'cubic', 'fixed-window'] as const;

/** One of the controllers that come with the library. */
export type CongestionControllerName = (typeof CONGESTION_CONTROLLER_NAMES)[number];
