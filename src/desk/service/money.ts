/** Money as it is reckoned with: whole minor units (cents, of yen yen themselves), so that no sum depends on how fractions are kept. Pure. */

/** `minor`: whole minor units of `currency` (three letters, ISO 4217). */
export type Money = { readonly minor: number; readonly currency: string };

const KNOWN: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export function isCurrency(text: string): boolean {
  return KNOWN.has(text);
}

/** How many decimals its main unit has, as Unicode's CLDR has it: 2 for EUR, 0 for JPY, 3 for KWD. */
function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Of an amount in the main unit; undefined where it is finer than the currency goes, or there is no such currency. */
export function moneyOf(amount: number, currency: string): Money | undefined {
  if (!isCurrency(currency)) return undefined;
  const digits = digitsOf(currency);
  // By its decimal digits: a number such as 8.2 times 100 is a little less than 820.
  const [whole = '0', part = ''] = amount.toFixed(6).split('.');
  return /^0*$/.test(part.slice(digits)) ? { minor: Number(whole + part.slice(0, digits)), currency } : undefined;
}

/** `25 USD`, as a policy writes prices; undefined for other words. */
export function priceOf(words: string | undefined): Money | undefined {
  const [, amount, currency = ''] = /^(\d{1,6}(?:\.\d{1,2})?) ([A-Z]{3})$/.exec(words ?? '') ?? [];
  return amount === undefined ? undefined : moneyOf(Number(amount), currency);
}

/** `49.00` */
export function amountWords({ minor, currency }: Money): string {
  const digits = digitsOf(currency);
  const text = String(minor).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
