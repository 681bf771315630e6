import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { atExit } from '../exit-hooks.ts';
import { betweenNamespaces, removeNamespaces } from './namespaces.ts';
import type { Place, Side } from './place.ts';
import { findProgram } from './requirements.ts';

/** Two network namespaces of this machine, joined by a virtual Ethernet with packets of 1,500 bytes. */
export interface VethPair extends Place {
  /** Takes the namespaces, and with them the devices, away. */
  stop(): void;
}

/** The ways of the pair: whether trains of packets cross it as they are, or are cut before as a network card would. */
export const vethProfiles = ['veth', 'veth-cut'] as const;

const namespaces: Readonly<Record<Side, string>> = { sender: 'parley-va', receiver: 'parley-vb' };
const devices: Readonly<Record<Side, string>> = { sender: 'parleyva', receiver: 'parleyvb' };
const hosts: Readonly<Record<Side, string>> = { sender: '10.78.0.1', receiver: '10.78.0.2' };

/** Puts a pair up. Throws an Error that says what is missing when this machine cannot have one. */
export function startVethPair(name: (typeof vethProfiles)[number]): VethPair {
  const missing = missingForVeth();
  if (missing.length > 0) throw new Error(`a veth pair needs ${missing.join('; ')}`);
  for (const namespace of Object.values(namespaces)) {
    if (existsSync(`/run/netns/${namespace}`))
      throw new Error(`another pair is up, or was left behind: end it, or run "ip netns del ${namespace}"`);
  }
  const putAway = () => removeNamespaces(Object.values(namespaces));
  const takeBack = atExit(putAway);
  const stop = () => {
    takeBack();
    putAway();
  };
  try {
    for (const namespace of Object.values(namespaces)) ip('netns', 'add', namespace);
    const [a, b] = [devices.sender, devices.receiver];
    ip('-n', namespaces.sender, 'link', 'add', a, 'type', 'veth', 'peer', b, 'netns', namespaces.receiver);
    for (const side of ['sender', 'receiver'] as const) {
      const within = ['-n', namespaces[side]];
      ip(...within, 'address', 'add', `${hosts[side]}/24`, 'dev', devices[side]);
      if (name === 'veth-cut') ip(...within, 'link', 'set', devices[side], 'gso_max_segs', '1');
      ip(...within, 'link', 'set', devices[side], 'up');
      ip(...within, 'link', 'set', 'lo', 'up');
    }
  } catch (error) {
    stop();
    throw error;
  }
  return {
    name,
    rateMbps: 0,
    roundTripMs: 0,
    ...betweenNamespaces({ namespaces, hosts, device: devices.sender }),
    stop,
  };
}

/** What stands in the way of a pair on this machine, in words; empty when nothing does. */
function missingForVeth(): string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux') missing.push('Linux (network namespaces)');
  if (process.getuid?.() !== 0) missing.push('root (run it with sudo)');
  if (findProgram('ip') === undefined) missing.push('ip (Debian package iproute2)');
  return missing;
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
}
