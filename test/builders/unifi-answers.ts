/**
 * Answers of UniFi Network in the shapes that Home Assistant's tests (aiounifi, MIT) and the client of Art of WiFi (MIT) know, shortened; the secrets in them stand
 * for those that real answers are full of.
 */
const secrets = {
  x_authkey: 'SECRET-AUTH',
  x_vwirekey: 'SECRET-WIRE',
  x_aes_gcm: true,
  vap_table: [{ essid: 'Home', x_passphrase: 'SECRET-WIFI' }],
};

/** `stat/device`: an access point past its end, a switch in long-term support, a current one with a firmware waiting, one that is not adopted. */
export const STAT_DEVICE = {
  meta: { rc: 'ok' },
  data: [
    {
      _id: '5f976f62e3c58f018ec7e17d',
      mac: '24:A4:3C:00:00:01',
      model: 'BZ2',
      type: 'uap',
      name: 'Attic "old" AP',
      version: '4.3.28.11361',
      displayable_version: '4.3.28',
      adopted: true,
      state: 1,
      model_in_eol: true,
      model_in_lts: false,
      model_incompatible: false,
      upgradable: false,
      ...secrets,
      ethernet_table: [{ mac: '24:a4:3c:00:00:01', num_port: 1, name: 'eth0' }],
    },
    {
      mac: 'f0:9f:c2:00:00:02',
      model: 'US8P60',
      type: 'usw',
      name: 'Rack',
      version: '7.1.26.15869',
      adopted: true,
      model_in_eol: false,
      model_in_lts: true,
      ...secrets,
      port_table: Array.from({ length: 8 }, (_, i) => ({ port_idx: i + 1, name: `Port ${i + 1}`, lldp_table: [{ chassis_id: 'x' }] })),
    },
    {
      mac: '78:45:58:00:00:03',
      model: 'U6ENT',
      type: 'uap',
      name: 'Hall',
      displayable_version: '6.6.65',
      adopted: true,
      model_in_eol: false,
      model_in_lts: false,
      upgradable: true,
      upgrade_to_firmware: '6.7.10.15600',
      ...secrets,
    },
    { mac: 'fc:ec:da:00:00:04', model: 'UP1', type: 'uap', adopted: false, model_in_eol: true },
  ],
};

/** The documented interface: `v1/sites` and `v1/sites/{id}/devices`. */
export const SITES = {
  offset: 0,
  limit: 50,
  count: 2,
  totalCount: 2,
  data: [
    { id: '0998be5a-0000-4000-8000-000000000001', internalReference: 'default', name: 'Default' },
    { id: '0998be5a-0000-4000-8000-000000000002', internalReference: 'k3j9x0', name: 'Guest house' },
  ],
};

export const SITE_DEVICES = {
  offset: 0,
  limit: 200,
  count: 1,
  totalCount: 1,
  data: [
    {
      id: 'b1f2a3c4-0000-4000-8000-000000000009',
      macAddress: '24:a4:3c:00:00:01',
      ipAddress: '192.168.1.20',
      name: 'Attic',
      model: 'UAP',
      supported: false,
      state: 'ONLINE',
      firmwareVersion: '4.3.28',
      firmwareUpdatable: true,
      features: ['accessPoint'],
      interfaces: ['radios'],
    },
  ],
};
