/** What a scenario measured. */
export interface ScenarioOutcome {
  readonly isPassed: boolean;
  readonly text: string;
  readonly simulatedMs: number;
}

const scenarios: Readonly<Record<string, () => ScenarioOutcome>> = {};

/** The names that `--scenario` takes. */
export function scenarioNames(): readonly string[] {
  return Object.keys(scenarios);
}

/** Plays one scenario in virtual time. */
export function runScenario(name: string): ScenarioOutcome {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`expected a scenario, got ${name}`);
  return scenario();
}
