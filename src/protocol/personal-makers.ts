/** Makers of what people carry: who has its hardware and has not said what it is could be somebody's phone, laptop or console. */

/**
 * Registered makers, as vendor-name.ts spells them, of phones, tablets, computers, watches and consoles, and of the network parts and
 * boards inside those. Who makes things for the house too is in the list: such a thing says what it is.
 */
const MAKERS_OF_PERSONAL_DEVICES = new RegExp(
  `^(?:${[
    'acer|amazon|apple|asus|asustek|dell|dynabook|fairphone|fitbit|framework|fujitsu|garmin|giga-?byte|google|hmd|honor|hp|htc|huawei|kobo',
    'lenovo|meta platforms|microsoft|motorola|msi|nintendo|nothing|oculus|oneplus|(?:guangdong )?oppo|razer|realme|samsung|shenzhen honor|sony',
    'toshiba|valve|vivo|xiaomi',
    'azurewave|chicony|clevo|cloud network technology|compal|elitegroup|foxconn|intel|liteon|murata|pegatron|qualcomm|quanta|realtek|rivet|usi|wistron',
  ].join('|')})(?![a-z])`,
  'i',
);

export function makesPersonalDevices(vendor: string): boolean {
  return MAKERS_OF_PERSONAL_DEVICES.test(vendor);
}
