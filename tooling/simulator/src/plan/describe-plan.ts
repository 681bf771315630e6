import { inspect } from 'node:util';
import type { Plan } from './plan.ts';

/** The plan as a person reads it: what is left at its default does not show. */
export function describePlan(plan: Plan): string {
  const { happenings, connections, links, mangling, drivers, configs, ...rest } = plan;
  const lines = [
    line('run', rest),
    line('to server', links.toServer),
    line('to client', links.toClient),
    ...(['client', 'server'] as const).flatMap((side) => [
      line(`${side} config`, configs[side]),
      line(`${side} driver`, drivers[side]),
      line(`${side} mangling`, mangling[side]),
    ]),
    ...connections.flatMap(({ client, server, ...connection }, index) => [
      line(`connection ${index}`, connection),
      line('  client', client),
      line('  server', server),
    ]),
    ...happenings.map((happening) => line(`at ${happening.atMs.toFixed(3)} ms`, happening)),
  ];
  return lines.join('\n');
}

function line(title: string, values: object): string {
  const present = Object.entries(values).filter(([, value]) => value !== undefined && value !== 0);
  const text = present.map(([name, value]) => `${name} ${show(value)}`).join(', ');
  return `${title}: ${text}`;
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}
