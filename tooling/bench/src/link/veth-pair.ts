import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { atExit } from '@parley/programs';
import { betweenNamespaces, removeNamespaces } from './namespaces.ts';
import type { Place, Side } from './place.ts';
import { findProgram } from './requirements.ts';

/** Two network namespaces of this machine, joined by a virtual Ethernet with packets of 1,500 bytes. */
export interface VethPair extends Place {
  /** Takes the namespaces, and with them the devices, away. */
  stop(): void;
}

/** The ways of the pair: whether trains of packets cross it as they are, or are cut before as a network card would. */
export const VETH_PROFILES = ['veth', 'veth-cut'] as const;

const NAMESPACES: Readonly<Record<Side, string>> = { sender: 'parley-va', receiver: 'parley-vb' };
const DEVICES: Readonly<Record<Side, string>> = { sender: 'parleyva', receiver: 'parleyvb' };
const HOSTS: Readonly<Record<Side, string>> = { sender: '10.78.0.1', receiver: '10.78.0.2' };

/** Puts a pair up. Throws an Error that says what is missing when this machine cannot have one. */
export function startVethPair(name: (typeof VETH_PROFILES)[number]): VethPair {
  const missing = missingForVeth();
  if (missing.length > 0) throw new Error(`a veth pair needs ${missing.join('; ')}`);
  for (const namespace of Object.values(NAMESPACES)) {
    if (existsSync(`/run/netns/${namespace}`))
      throw new Error(`another pair is up, or was left behind: end it, or run "ip netns del ${namespace}"`);
  }
  const putAway = () => removeNamespaces(Object.values(NAMESPACES));
  const takeBack = atExit(putAway);
  const stop = () => {
    takeBack();
    putAway();
  };
  try {
    for (const namespace of Object.values(NAMESPACES)) ip('netns', 'add', namespace);
    const [a, b] = [DEVICES.sender, DEVICES.receiver];
    ip('-n', NAMESPACES.sender, 'link', 'add', a, 'type', 'veth', 'peer', b, 'netns', NAMESPACES.receiver);
    for (const side of ['sender', 'receiver'] as const) {
      const within = ['-n', NAMESPACES[side]];
      ip(...within, 'address', 'add', `${HOSTS[side]}/24`, 'dev', DEVICES[side]);
      if (name === 'veth-cut') ip(...within, 'link', 'set', DEVICES[side], 'gso_max_segs', '1');
      ip(...within, 'link', 'set', DEVICES[side], 'up');
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
    ...betweenNamespaces({ namespaces: NAMESPACES, hosts: HOSTS, device: DEVICES.sender }),
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
