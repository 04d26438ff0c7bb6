/** Set-ups that are really broken, each in one way, and what `hearthbeat doctor` has to say of each: the checks at fault and nobody else. */
import { type BrokenHub, type HubSettings, joinHome } from './broken-hub.ts';
import type { Lab } from './harness.ts';

export type Expected = { readonly status: 'warning' | 'problem'; readonly summary: RegExp; readonly fix: RegExp };

export type BrokenSetup = {
  readonly what: string;
  /** By the name of the check. */
  readonly faults: Readonly<Record<string, Expected>>;
  /** Plugs the hub in and breaks it; left out, it is a healthy member of the home. */
  readonly wire?: (hub: BrokenHub, lab: Lab) => void | Promise<void>;
  readonly run?: HubSettings | ((lab: Lab) => HubSettings);
};

const problem = (summary: RegExp, fix: RegExp): Expected => ({ status: 'problem', summary, fix });
const warning = (summary: RegExp, fix: RegExp): Expected => ({ status: 'warning', summary, fix });
const nft = (rules: string): string => `nft '${rules}'`;
const broker = (url: string, more: object = {}): HubSettings => ({ settings: { uplink: { brokers: [url], ...more } } });

/** Addresses of the name servers that test/lab/doctor-names-the-fault.test.ts starts. */
export const NAME_SERVERS = { silent: '192.168.77.3', liar: '192.168.77.4', filter: '192.168.77.5', ignorant: '192.168.77.6' } as const;
export const PORTS = { password: 1884, future: 8884 } as const;
/** The network of a container engine inside the lab. */
export const CONTAINERS = { netns: 'box', bridge: 'docker0', gateway: '172.17.0.1' } as const;

const MULTICAST: readonly BrokenSetup[] = [
  {
    what: 'a firewall on the hub that drops multicast',
    wire(hub, lab) {
      joinHome(lab, hub);
      const drop = 'ip daddr 224.0.0.0/4 drop';
      hub.sh(
        nft(
          `table inet f { chain o { type filter hook output priority 0; ${drop}; }; chain i { type filter hook input priority 0; ${drop}; }; }`,
        ),
      );
    },
    faults: { multicast: problem(/own mDNS and SSDP question.*its firewall/, /UDP 1900 and 5353.*nft list ruleset/) },
  },
  {
    what: 'a firewall on the hub that lets no answer to multicast in',
    wire(hub, lab) {
      joinHome(lab, hub);
      hub.sh(nft('table inet f { chain i { type filter hook input priority 0; udp dport { 1900, 5353 } drop; }; }'));
    },
    faults: { multicast: problem(/its firewall/, /nft list ruleset/) },
  },
  {
    what: 'an interface that takes no multicast',
    wire(hub, lab) {
      joinHome(lab, hub);
      hub.ip('link set eth0 multicast off');
    },
    faults: { multicast: problem(/eth0 is set to take no multicast/, /^sudo ip link set dev eth0 multicast on$/) },
  },
  {
    what: 'a switch that eats multicast',
    wire(hub, lab) {
      joinHome(lab, hub);
      const group = 'ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 ether daddr != ff:ff:ff:ff:ff:ff drop';
      const rules = `iifname ${hub.port} ${group}; oifname ${hub.port} ${group}`;
      hub.sh(nft(`table bridge ${hub.port} { chain f { type filter hook forward priority 1; ${rules}; }; }`), `${lab.prefix}-lan`);
    },
    faults: { multicast: problem(/does not come through the network/, /isolation.*IGMP snooping/) },
  },
  ...[5353, 1900].map(
    (port): BrokenSetup => ({
      what: `a program that keeps port ${port} to itself`,
      async wire(hub, lab) {
        joinHome(lab, hub);
        await hub.start([process.execPath, '-e', `require('node:dgram').createSocket('udp4').bind(${port}, () => console.log('kept'))`]);
      },
      faults: { ports: problem(new RegExp(`Port ${port} .* is kept by a Node program`), new RegExp(`ss -lunp 'sport = :${port}'`)) },
    }),
  ),
];

const MACHINE: readonly BrokenSetup[] = [
  {
    what: 'a user who may not ping',
    run: { user: 'confined' },
    faults: { ping: warning(/does not work for this user \(EPERM\)/, /ping_group_range="0 2147483647"/) },
  },
  {
    what: 'a full disk',
    run: { mounts: 'mount -t tmpfs -o size=64k full "$DATA" && { head -c 1M /dev/zero >"$DATA/log" || true; } 2>/dev/null' },
    faults: { data: problem(/No space is left for /, /apt-get clean/) },
  },
  {
    what: 'a disk with hardly any space',
    run: { mounts: 'mount -t tmpfs -o size=64k small "$DATA"' },
    faults: { data: problem(/0 MiB free .*too little/, /apt-get clean/) },
  },
  {
    what: 'a disk full of small files',
    run: { mounts: 'mount -t tmpfs -o nr_inodes=1 inodes "$DATA"' },
    faults: { data: problem(/no inode left/, /du --inodes/) },
  },
  {
    what: 'a disk that became read-only',
    run: { mounts: 'mount --bind "$DATA" "$DATA" && mount -o remount,ro,bind "$DATA"' },
    faults: { data: problem(/mounted read-only/, /dmesg/) },
  },
  {
    what: "another user's data folder",
    run: { user: 'service', mounts: 'chown root "$DATA" && chmod 700 "$DATA"' },
    faults: { data: problem(/belongs to root \(EACCES\)/, /chown/) },
  },
  {
    what: 'a clock that starts in 1970, as without a battery',
    run: { clockOffsetMs: -Date.now() },
    faults: { clock: problem(/1970-01-01 .*before this program was written/, /timedatectl set-ntp true/) },
  },
  {
    what: 'a kernel that keeps few neighbours',
    // The kernel has one such limit for all its namespaces and shows it in the first only: this hub sees it as the first would.
    run: {
      mounts:
        'cd /proc/sys/net/ipv4/neigh && mount -t tmpfs limits . && cd "$PWD" && mkdir default && echo 32 >default/gc_thresh3 && cd "$DATA"',
    },
    faults: { neighbours: warning(/keeps at most 32 neighbours/, /gc_thresh3=4096/) },
  },
];

const NETWORK: readonly BrokenSetup[] = [
  {
    what: 'a pulled cable',
    wire(hub, lab) {
      joinHome(lab, hub);
      hub.ip(`link set ${hub.port} down`, `${lab.prefix}-lan`);
    },
    faults: { interfaces: problem(/eth0 has no link/, /Plug the cable of eth0 in/) },
  },
  {
    what: 'an interface that is switched off',
    wire(hub, lab) {
      joinHome(lab, hub);
      hub.ip('link set eth0 down');
    },
    faults: { interfaces: problem(/eth0 is down/, /sudo ip link set eth0 up/) },
  },
  {
    what: 'no DHCP server',
    wire: (hub, lab) => joinHome(lab, hub, { address: '169.254.7.7/16', gateway: '' }),
    faults: { interfaces: problem(/gave itself an address/, /Switch the router off and on/) },
  },
  {
    what: 'a home of IPv6 only',
    wire(hub, lab) {
      joinHome(lab, hub, { address: '' });
      hub.ip('addr add 2001:db8::7/64 dev eth0 nodad');
    },
    faults: { interfaces: problem(/IPv6 address, but no IPv4/, /Turn on IPv4/) },
  },
  {
    what: "a container's own network",
    wire(hub, lab) {
      const box = `${lab.prefix}-${CONTAINERS.netns}`;
      hub.ip(`link add v-${hub.port} type veth peer name eth0 netns ${hub.netns}`, box);
      hub.ip(`link set v-${hub.port} master ${CONTAINERS.bridge} up`, box);
      hub.ip('link set eth0 up');
      hub.ip('addr add 172.17.0.2/16 dev eth0');
      hub.ip(`route add default via ${CONTAINERS.gateway}`);
    },
    faults: { interfaces: problem(/172\.17\.0\.2\/16 looks like a container's own network behind 172\.17\.0\.1/, /--network host/) },
  },
  {
    what: 'no default route',
    wire: (hub, lab) => joinHome(lab, hub, { gateway: '' }),
    faults: { gateway: problem(/no default route/, /Renew the lease/) },
  },
  {
    what: 'a router that does not answer',
    wire: (hub, lab) => joinHome(lab, hub, { gateway: '192.168.77.9' }),
    faults: { gateway: problem(/192\.168\.77\.9 on eth0 does not answer, not even ARP/, /switch it off, wait 30 s/) },
  },
  {
    what: 'no internet behind a living router',
    wire(hub, lab) {
      joinHome(lab, hub);
      const rules = `chain f { type filter hook forward priority -5; ip saddr ${hub.address} drop; }`;
      hub.sh(nft(`table inet ${hub.port} { ${rules}; }`), `${lab.prefix}-gw`);
    },
    faults: { internet: problem(/Nothing on the internet answers/, /modem/) },
  },
  {
    what: 'two networks that can speak for each other',
    wire(hub, lab) {
      joinHome(lab, hub);
      joinSecond(hub, lab, '0');
    },
    faults: { sources: warning(/eth0 or eth1 can answer in the name of one in another network/, /rp_filter=1/) },
  },
  {
    what: 'two ways out',
    wire(hub, lab) {
      joinHome(lab, hub);
      joinSecond(hub, lab, '1');
      hub.ip('route add default via 10.77.0.1 dev eth1 metric 600');
    },
    faults: { gateway: warning(/second default route, to 10\.77\.0\.1 on eth1/, /ip route del default via 10\.77\.0\.1 dev eth1/) },
  },
];

/** A second network without anybody in it. */
function joinSecond(hub: BrokenHub, lab: Lab, sourceCheck: '0' | '1'): void {
  const lan = `${lab.prefix}-lan`;
  hub.ip(`link add q-${hub.port} type veth peer name eth1 netns ${hub.netns}`, lan);
  hub.ip(`link set q-${hub.port} up`, lan);
  hub.ip('link set eth1 up');
  hub.ip('addr add 10.77.0.7/28 dev eth1');
  for (const one of ['all', 'eth0', 'eth1']) hub.sh(`echo ${sourceCheck} >/proc/sys/net/ipv4/conf/${one}/rp_filter`);
}

const NAMED = broker('mqtt://broker.example:1883');

const WORLD: readonly BrokenSetup[] = [
  {
    what: 'a name server that is silent',
    run: { ...NAMED, nameServers: [NAME_SERVERS.silent] },
    faults: { dns: problem(/No name can be looked up: 192\.168\.77\.3 \(no reply\)/, /Restart the router, or set another name server/) },
  },
  {
    what: 'a name server that answers everything with its own address, as a sign-in page does',
    run: { ...NAMED, nameServers: [NAME_SERVERS.liar] },
    faults: { dns: problem(/192\.168\.77\.4 answers 192\.168\.77\.4 for a name that does not exist/, /sign in/) },
  },
  {
    what: 'a filter that blocks the desk',
    run: { ...NAMED, nameServers: [NAME_SERVERS.filter] },
    faults: {
      dns: problem(/192\.168\.77\.5 says 0\.0\.0\.0 for broker\.example, where 198\.51\.100\.53 says 198\.51\.100\.88/, /Pi-hole/),
    },
  },
  {
    what: 'a name server that knows nothing',
    run: { ...NAMED, nameServers: [NAME_SERVERS.ignorant] },
    faults: { dns: problem(/knows no broker\.example, where 198\.51\.100\.53 says/, /another name server/) },
  },
  {
    what: 'a broker whose name nobody knows',
    run: broker('mqtt://brocker.example:1883'),
    faults: { broker: problem(/brocker\.example:1883 cannot be found/, /name in uplink\.brokers/) },
  },
  {
    what: 'a broker that is down',
    run: broker('mqtt://broker.example:1999'),
    faults: { broker: problem(/nothing listens at this port/, /tell the support desk that its broker is down/) },
  },
  {
    what: 'a broker that nobody reaches',
    run: broker('mqtt://198.51.100.99:1883'),
    faults: { broker: problem(/198\.51\.100\.99:1883 cannot be reached/, /lets MQTT out/) },
  },
  {
    what: "a broker whose certificate's authority is not known",
    run: broker('mqtts://broker.example:8883'),
    faults: { broker: problem(/no authority known to this hub/, /uplink\.caFile/) },
  },
  {
    what: 'a broker that is asked for TLS at its plain port',
    run: broker('mqtts://broker.example:1883'),
    faults: { broker: problem(/does not speak TLS/, /mqtt with 1883, mqtts with 8883/) },
  },
  {
    what: 'a certificate that is not valid yet',
    run: (lab) => broker(`mqtts://broker.example:${PORTS.future}`, { caFile: futureCertificate(lab) }),
    faults: { broker: problem(/valid from 2040-01-01 00:00 UTC on/, /date -u/) },
  },
];

export const futureCertificate = (lab: Lab): string => `/run/hearthbeat-lab/${lab.prefix}/pki/future.crt`;

export const BROKEN_SETUPS: readonly BrokenSetup[] = [...MULTICAST, ...MACHINE, ...NETWORK, ...WORLD];
