/** Somebody with a browser that keeps cookies, without scripts: each step by itself, redirects only where the test follows them. */

export type Seen = { readonly status: number; readonly location: string | undefined; readonly text: string; readonly url: string };

export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>();

  async get(url: string): Promise<Seen> {
    return this.#ask(url, {});
  }

  async post(url: string, form: Record<string, string> = {}): Promise<Seen> {
    const { origin } = new URL(url);
    return this.#ask(url, { method: 'POST', body: new URLSearchParams(form), headers: { origin } });
  }

  /** Follows redirects, to other hosts too. */
  async follow(seen: Seen): Promise<Seen> {
    let at = seen;
    for (let i = 0; i < 10 && at.location !== undefined; i++) at = await this.get(new URL(at.location, at.url).href);
    return at;
  }

  forget(url: string): void {
    this.#cookies.delete(new URL(url).hostname);
  }

  async #ask(url: string, init: RequestInit): Promise<Seen> {
    const { hostname } = new URL(url);
    const jar = this.#cookies.get(hostname) ?? new Map<string, string>();
    this.#cookies.set(hostname, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as object), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      if (attributes.some((one) => /^ *(max-age=0|expires=thu, 01 jan 1970)/i.test(one))) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return { status: response.status, location: response.headers.get('location') ?? undefined, text: await response.text(), url };
  }
}
