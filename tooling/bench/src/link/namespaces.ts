import { spawnSync } from 'node:child_process';
import { type Place, type Side, systemCongestionControl } from './place.ts';

/** What two joined network namespaces of this machine are called. */
export interface NamespacePair {
  readonly namespaces: Readonly<Record<Side, string>>;
  readonly hosts: Readonly<Record<Side, string>>;
  /** The device of the sender's side: what leaves by it is on the wire. */
  readonly device: string;
}

/** How programs run on the two sides, and what is known of them. */
export function betweenNamespaces({
  namespaces,
  hosts,
  device,
}: NamespacePair): Pick<Place, 'host' | 'commandOn' | 'bytesOnWire' | 'useCongestionControl'> {
  // A namespace has the setting of the machine when it is made.
  const ownControl = systemCongestionControl();
  return {
    host: hosts,
    commandOn: (side, command) => ['ip', 'netns', 'exec', namespaces[side], ...command],
    bytesOnWire: () => bytesSent(namespaces.sender, device),
    useCongestionControl: (name = ownControl) =>
      name !== undefined &&
      Object.values(namespaces).every((namespace) =>
        setInNamespace(namespace, 'net/ipv4/tcp_congestion_control', name),
      ),
  };
}

/** Sets what /proc/sys has under that name, within a namespace; false where the kernel does not take it. */
export function setInNamespace(namespace: string, name: string, value: string): boolean {
  // Not all machines have sysctl; a shell they have.
  const script = ['sh', '-c', 'printf %s "$1" > "$2"', 'sh', value, `/proc/sys/${name}`];
  return spawnSync('ip', ['netns', 'exec', namespace, ...script]).status === 0;
}

/** Takes namespaces away, and with them their devices. */
export function removeNamespaces(names: readonly string[]): void {
  for (const name of names) spawnSync('ip', ['netns', 'del', name]);
}

function bytesSent(namespace: string, device: string): number | undefined {
  const args = ['netns', 'exec', namespace, 'cat', '/proc/net/dev'];
  const { stdout } = spawnSync('ip', args, { encoding: 'utf8' });
  const fields = new RegExp(`${device}:(.*)`).exec(stdout)?.[1]?.trim().split(/\s+/);
  return fields?.[8] === undefined ? undefined : Number(fields[8]);
}
