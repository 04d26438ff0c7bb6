/**
 * What a simulated home is made of, as plain data: the LAN, and for each device how it is connected, how it answers, what it announces,
 * how lossy its link is and when it sleeps. Nothing here moves; living-home.ts does.
 */
import type { LanInterface, MdnsService, UpnpSighting } from '../agent/discovery/sighting.ts';

/** Lower and upper bound. */
export type Range = readonly [number, number];

/** What a device does with a packet that is meant for it; every device answers ARP while it is awake. */
export type Answers = {
  /** ICMP echo. */
  readonly ping: boolean;
  /** Whether a closed port (UDP or TCP) refuses, or swallows in silence as a firewall does. */
  readonly closedPorts: 'refused' | 'silent';
  readonly openTcpPorts: readonly number[];
};

/**
 * Round trips that get lost. `fraction` is lost always and independently; with `bursts` (Gilbert-Elliott) the link also falls into a bad
 * state, on average every `everyMs` for `lastMs`, in which `badFraction` is lost.
 */
export type Loss = {
  readonly fraction: number;
  readonly bursts?: { readonly everyMs: number; readonly lastMs: number; readonly badFraction: number };
};

/** Awake and asleep in turn, with exponential lengths of these means. Asleep it answers nothing, not even ARP. */
export type Sleep = { readonly awakeMs: number; readonly asleepMs: number };

/** What it says in SSDP, and in the description behind LOCATION. */
export type SsdpFacts = {
  readonly udn: string;
  readonly targets: readonly string[];
  readonly server: string;
  /** Where its description is served; the address is the one it has at the moment. */
  readonly port: number;
  readonly path: string;
  readonly maxAgeS: number;
  readonly description: Pick<
    UpnpSighting,
    'deviceType' | 'friendlyName' | 'manufacturer' | 'modelName' | 'modelNumber' | 'serialNumber' | 'firmware' | 'extra'
  >;
};

/** A page that its web server gives to whoever asks. */
export type PageFacts = {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type MdnsFacts = { readonly host: string; readonly services: readonly Omit<MdnsService, 'gone'>[] };

export type SimulatedDevice = {
  /** Unique in the home; controls and captions use it. */
  readonly name: string;
  readonly kind: string;
  readonly vendor: string;
  readonly model: string;
  readonly mac: string;
  readonly ip: string;
  readonly link: 'wired' | 'wifi';
  /** The switch or access point it hangs on; when that is dead, nothing of this device reaches the hub. */
  readonly behind?: string;
  readonly answers: Answers;
  readonly loss: Loss;
  readonly sleep?: Sleep;
  readonly ssdp?: SsdpFacts;
  readonly mdns?: MdnsFacts;
  readonly pages?: readonly PageFacts[];
  /** By TCP port, what it says to what it is told; undefined for nothing. */
  readonly says?: Readonly<Record<number, (heard: string) => string | undefined>>;
};

export type Home = {
  readonly name: string;
  readonly interface: LanInterface;
  /** Names of the device that routes and of the switch that the hub is plugged into. */
  readonly gateway: string;
  readonly hubBehind: string;
  /** Round trip to any place beyond the gateway. */
  readonly internetRttMs: Range;
  readonly devices: readonly SimulatedDevice[];
};

/** Everything that makes a home impossible, in words; empty when it can live. */
export function homeProblems(home: Home): string[] {
  const names = new Set(home.devices.map((device) => device.name));
  const wanted = [home.gateway, home.hubBehind, ...home.devices.flatMap((device) => device.behind ?? [])];
  return [
    ...repeated(home.devices.map((device) => device.name)).map((name) => `two devices are called ${name}`),
    ...repeated(home.devices.map((device) => device.ip)).map((ip) => `two devices have the address ${ip}`),
    ...repeated(home.devices.map((device) => device.mac)).map((mac) => `two devices have the MAC ${mac}`),
    ...wanted.filter((name) => !names.has(name)).map((name) => `there is no device called ${name}`),
    ...home.devices.filter((device) => isBehindItself(device, home.devices)).map((device) => `${device.name} is behind itself`),
  ];
}

function repeated(values: readonly string[]): string[] {
  return values.filter((value, i) => values.indexOf(value) !== i);
}

function isBehindItself(device: SimulatedDevice, devices: readonly SimulatedDevice[]): boolean {
  let parent = device.behind;
  for (let hops = 0; parent !== undefined && hops <= devices.length; hops++) {
    if (parent === device.name) return true;
    parent = devices.find((other) => other.name === parent)?.behind;
  }
  return false;
}
