/** The settings that a cell's name tells, with what else it says. */
export interface CellSettings {
  /** Mbit/s. */
  readonly rate: number | undefined;
  /** Milliseconds. */
  readonly rtt: number | undefined;
  /** Percent. */
  readonly loss: number | undefined;
  /** Bytes to complete. */
  readonly bytes: number | undefined;
  /** Everything else, such as `queue=4bdp` or the name of a profile. */
  readonly rest: string;
}

/** Reads `rate=100,rtt=50,loss=1,queue=4bdp`, `wifi`, `rate=100,rtt=50,loss=1 100000`. */
export function parseCellName(name: string): CellSettings {
  const [profile = '', bytes] = name.split(' ');
  const parts = profile.split(',').map((part) => part.split('='));
  const value = (key: string) => {
    const text = parts.find(([name]) => name === key)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  return {
    rate: value('rate'),
    rtt: value('rtt'),
    loss: value('loss'),
    bytes: bytes === undefined ? undefined : Number(bytes),
    rest: parts
      .filter(([key = '']) => !['rate', 'rtt', 'loss'].includes(key))
      .map((part) => part.join('='))
      .join(','),
  };
}
