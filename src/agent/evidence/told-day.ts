/** Days as UPSs and their drivers write them. */

/**
 * `2014-08-15` of `2014/08/15`, `2014-08-15`, and of `08/15/14` or `08/15/2014`, as PowerNet-MIB and those who follow it have it (mm/dd/yy; two digits are of this
 * century). Undefined for every other spelling, and for what is no day: `00/00/00`.
 */
export function toldDay(text: string | undefined): string | undefined {
  const [, ...yearFirst] = /^(\d{4})([/-])(\d\d)\2(\d\d)$/.exec(text ?? '') ?? [];
  const [, usMonth, usDay, usYear = ''] = /^(\d\d)\/(\d\d)\/(\d{4}|\d\d)$/.exec(text ?? '') ?? [];
  const [year, , month, day] = yearFirst.length > 0 ? yearFirst : [usYear.length === 2 ? `20${usYear}` : usYear, '', usMonth, usDay];
  const iso = `${year}-${month}-${day}`;
  const at = Date.parse(`${iso}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(iso) ? iso : undefined;
}
