import { networkInterfaces } from 'node:os';
import type { Config } from './config.ts';

/** Where the server listens. */
export interface Endpoints {
  readonly tcp: { readonly host: string; readonly port: number };
  readonly udp: { readonly host: string; readonly port: number };
}

/** The line that says to programs that the server is ready. */
export function readyLine(endpoints: Endpoints): string {
  const { tcp, udp } = describeEndpoints(endpoints);
  return `listening tcp=${tcp} udp=${udp}`;
}

/** Addresses as a log shows them. */
export function describeEndpoints({ tcp, udp }: Endpoints): { readonly tcp: string; readonly udp: string } {
  return { tcp: hostAndPort(tcp.host, tcp.port), udp: hostAndPort(udp.host, udp.port) };
}

/** What to type to join, for people: on this machine, and on others where they can reach it. */
export function joinLines(config: Config, { tcp }: Endpoints, lanHosts = lanAddresses()): readonly string[] {
  const isEverywhere = tcp.host === '0.0.0.0' || tcp.host === '::';
  const flag = config.tls.kind === 'none' ? ' --insecure' : '';
  const command = (host: string) => `${config.clientCommand} ${hostAndPort(host, tcp.port)}${flag}`;
  if (!isEverywhere) return [`join with:                     ${command(tcp.host)}`];
  const lines = [`join from this machine with:   ${command('localhost')}`];
  const [lanHost] = lanHosts;
  if (lanHost !== undefined) lines.push(`join from other machines with: ${command(lanHost)}`);
  return lines;
}

/** Where what is said is kept, for people. */
export function historyLine({ history: { sqlite } }: Config): string {
  return `what is said is kept in:       ${sqlite?.file ?? 'memory, until the server ends'}`;
}

function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
