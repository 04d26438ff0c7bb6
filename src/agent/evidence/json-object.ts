/** JSON from the LAN as an object whose values are not trusted to be anything. The text must be capped by who received it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Of a JSON text or of a value that was read already; undefined for anything that is not an object. */
export function jsonObject(from: unknown): JsonObject | undefined {
  const value = typeof from === 'string' ? parsed(from) : from;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
