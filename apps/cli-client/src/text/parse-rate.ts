const UNITS: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** Bytes per second, such as `500k` or `2.5M`; undefined for what is none. Less than 10 kB/s would be no transfer. */
export function parseRate(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([kKMG]?)$/.exec(text) ?? [];
  const rate = Math.round(Number(digits) * (UNITS[unit] ?? 1));
  return rate >= 10_000 && rate <= 100e9 ? rate : undefined;
}
