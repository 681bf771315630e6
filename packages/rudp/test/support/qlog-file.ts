import type { ConnectionObserver, ObservedConnection, ObserverFactory } from '../../src/core/index.ts';
import { QlogWriter } from '../../src/node/qlog-writer.ts';
import type { Side } from './transport-pair.ts';

/** A frame as qlog has it. */
interface QlogFrame {
  readonly frame_type: string;
  readonly acked_ranges?: readonly (readonly [number, number])[];
  readonly offset?: number;
  readonly length?: number;
  readonly fin?: boolean;
}

/** The data of an event, as far as the tests look at it. */
export interface QlogData {
  readonly header?: { readonly packet_type: string; readonly packet_number?: number };
  readonly raw?: { readonly length: number };
  readonly frames?: readonly QlogFrame[];
  readonly trigger?: string;
  readonly is_mtu_probe_packet?: boolean;
  readonly old?: string;
  readonly new?: string;
  readonly [name: string]: unknown;
}

export interface QlogEvent {
  readonly time: number;
  readonly name: string;
  readonly data: QlogData;
}

/** A qlog file in JSON text sequences (RFC 7464), taken apart. */
export class QlogFile {
  readonly header: { readonly [name: string]: unknown };
  readonly events: readonly QlogEvent[];

  constructor(text: string) {
    const [nothing, ...records] = text.split('\u001e');
    if (nothing !== '' || records.some((record) => !record.endsWith('\n')))
      throw new Error('expected records that begin with a separator and end with a line feed');
    const [header, ...events] = records.map((record) => JSON.parse(record));
    this.header = header;
    this.events = events;
  }

  /** The data of the events of one name. */
  all(name: string): QlogData[] {
    return this.events.filter((event) => event.name === name).map(({ data }) => data);
  }
}

/** Keeps the qlog of each side in memory, with the simulation's zero at a fixed wall clock. */
export class QlogRecorder {
  readonly connections: Partial<Record<Side, ObservedConnection>> = {};
  readonly #texts: Record<Side, string> = { client: '', server: '' };

  readonly observe: ObserverFactory = (now, connection): ConnectionObserver => {
    this.connections[connection.side] = connection;
    return new QlogWriter({
      connection,
      startedAtMs: now,
      wallClockMs: 1_700_000_000_000,
      write: (text) => {
        this.#texts[connection.side] += text;
      },
    });
  };

  text(side: Side): string {
    return this.#texts[side];
  }

  file(side: Side): QlogFile {
    return new QlogFile(this.text(side));
  }
}
