import type { ClientCommand, CommandResults } from '../domain/events.ts';

/** Carries out a command of the client. */
export type RunCommand = <Command extends ClientCommand>(
  command: Command,
) => Promise<CommandResults[Command['type']]>;

/** The account of the user: a nickname that is theirs alone. */
export class AccountCommands {
  readonly #run: RunCommand;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  /**
   * Makes an account. Before the client has a nickname it takes one, and comes in with it; afterwards it makes an account
   * of that one. `invite` is the code that some servers want.
   */
  create(options: {
    readonly password: string;
    readonly nickname?: string;
    readonly invite?: string;
  }): Promise<CommandResults['create-account']> {
    const { password, nickname, invite } = options;
    return this.#run({ type: 'create-account', password, nickname, invite });
  }

  /** Gives the account another password. */
  setPassword(current: string, password: string): Promise<undefined> {
    return this.#run({ type: 'set-password', current, password });
  }
}
