const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A time as people type it, such as `90s`, `10m`, `2h`, `7d` or `1w`, in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, count = '', unit = ''] = match;
  return Number(count) * UNIT_MS[unit.toLowerCase() as keyof typeof UNIT_MS];
}
