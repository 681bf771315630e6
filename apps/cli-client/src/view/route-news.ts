import { isTransferOver, type Transfer, type TransferRoute } from '@parley/client-core';

/** Says when bytes come another way than before: once for all transfers of a session, however many take that way. */
export class RouteNews {
  /** The way of each transfer that is not over, by its number. */
  readonly #routes = new Map<number, TransferRoute>();
  #last: TransferRoute | undefined;

  /** The words for what became of a transfer; undefined when its way is no news. */
  wordsOf({ number, state, route }: Transfer): string | undefined {
    const isSame = route === undefined || route === this.#routes.get(number);
    if (isTransferOver(state)) this.#routes.delete(number);
    else if (route !== undefined) this.#routes.set(number, route);
    if (isSame) return undefined;
    const before = this.#last;
    this.#last = route;
    if (route === 'fallback' && before !== 'fallback') return 'UDP is blocked, going over TLS';
    if (route === 'udp' && before === 'fallback') return 'UDP gets through again';
    return undefined;
  }
}
