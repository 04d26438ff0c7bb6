/** What the settings say about asking devices who they are: what is left out, who is left alone, and the secrets that the house gave. */

export const SNMP_AUTH = ['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export const SNMP_PRIV = ['des', 'aes'] as const;

/** One user of SNMPv3 (RFC 3414, 3826, 7860). Without `auth` messages are neither signed nor encrypted; `priv` needs `auth`. */
export type SnmpUser = {
  readonly name: string;
  readonly auth?: { readonly protocol: (typeof SNMP_AUTH)[number]; readonly password: string };
  readonly priv?: { readonly protocol: (typeof SNMP_PRIV)[number]; readonly password: string };
};

export type IdentifySettings = {
  /** Names of readers that ask nobody. */
  readonly off: readonly string[];
  /** MAC and IP addresses, as `base/mac-address.ts` and the kernel spell them, that are never asked beyond discovery. */
  readonly leaveAlone: readonly string[];
  readonly snmp: {
    readonly communities: readonly string[];
    readonly users: readonly SnmpUser[];
    /** MAC and IP addresses of the devices that these are for, where the house says so: anything on the LAN can look like a switch to be told a secret. */
    readonly only?: readonly string[];
  };
};

export const IDENTIFY_DEFAULTS: IdentifySettings = { off: [], leaveAlone: [], snmp: { communities: ['public'], users: [] } };
