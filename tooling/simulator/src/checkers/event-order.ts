import type { EndpointEvent } from '@parley/rudp/core';
import type { Violations } from './violations.ts';

const CHECKER = 'event order';

/** The events of one connection: it opens first, closes once and last, and finishes at most once in between. */
export class EventOrderChecker {
  readonly #violations: Violations;
  readonly #name: string;
  readonly #seen: EndpointEvent['type'][] = [];

  constructor(violations: Violations, name: string) {
    this.#violations = violations;
    this.#name = name;
  }

  handleEvent(type: EndpointEvent['type']): void {
    const isOnce = type !== 'readable' && type !== 'writable' && type !== 'migrated';
    const seen = this.#seen;
    this.#require(!seen.includes('closed'), `'${type}' after 'closed'`);
    this.#require(!isOnce || !seen.includes(type), `'${type}' came twice`);
    const isOpening = type === 'connection-accepted' || type === 'connection-established';
    this.#require(isOpening || type === 'closed' || seen.length > 0, `'${type}' before it was established`);
    this.#require(!isOpening || seen.length === 0, `'${type}' after other events`);
    if (isOnce || !seen.includes(type)) seen.push(type);
  }

  #require(isTrue: boolean, text: string): void {
    this.#violations.require(isTrue, CHECKER, () => `${this.#name}: ${text}`);
  }
}
