import type { Random } from './random.ts';

/** How a link loses packets. All ratios go from 0 (never) to 1 (always). */
export type LossModel =
  | { readonly kind: 'none' }
  /** Each packet by itself, with the same probability. */
  | { readonly kind: 'independent'; readonly ratio: number }
  /**
   * Losses in bursts (Gilbert 1960, Elliott 1963): the link is in a good or a bad state, may change before each
   * packet, and loses with a probability of its own in each. A burst lasts 1 / `badToGoodRatio` packets on average.
   */
  | {
      readonly kind: 'gilbert-elliott';
      readonly goodToBadRatio: number;
      readonly badToGoodRatio: number;
      readonly lossInBadRatio: number;
      readonly lossInGoodRatio: number;
    };

/** Decides for one packet after the other; remembers what its model has to remember. */
export type LossProcess = () => boolean;

/** Starts a loss process: each call is one packet, true means that it is lost. */
export function createLossProcess(model: LossModel, random: Random): LossProcess {
  switch (model.kind) {
    case 'none':
      return () => false;
    case 'independent':
      return () => random.chance(model.ratio);
    case 'gilbert-elliott': {
      let isBad = false;
      return () => {
        if (random.chance(isBad ? model.badToGoodRatio : model.goodToBadRatio)) isBad = !isBad;
        return random.chance(isBad ? model.lossInBadRatio : model.lossInGoodRatio);
      };
    }
  }
}

/** The share of packets that a model loses in the long run. */
export function expectedLossRatio(model: LossModel): number {
  switch (model.kind) {
    case 'none':
      return 0;
    case 'independent':
      return model.ratio;
    case 'gilbert-elliott': {
      const changes = model.goodToBadRatio + model.badToGoodRatio;
      const badShare = changes === 0 ? 0 : model.goodToBadRatio / changes;
      return badShare * model.lossInBadRatio + (1 - badShare) * model.lossInGoodRatio;
    }
  }
}
