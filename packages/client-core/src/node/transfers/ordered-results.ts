/** Gives the results of work that runs side by side in the order in which it was begun. */
export class OrderedResults {
  #last: Promise<unknown> = Promise.resolve();

  /** The result of `work`, once all that was begun before it has come to its end. */
  async after<Result>(work: Promise<Result>): Promise<Result> {
    const turn = this.#last;
    this.#last = Promise.allSettled([turn, work]);
    await turn;
    return await work;
  }
}
