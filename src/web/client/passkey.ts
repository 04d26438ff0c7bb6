/**
 * Passkeys in the browser: at the door, and on the account page. The desk says what is to be asked, the browser asks the device, and what that answers goes to the desk. Without it, or
 * in a browser that knows no passkeys, there are passwords.
 */

type Asked = { readonly options: never; readonly sealed: string };
type Said = { readonly go?: string; readonly message?: string };

/** A question lasts five minutes at the desk. */
const ASK_AGAIN_MS = 4 * 60_000;
const NO_ANSWER = 'The desk does not answer. Try again.';

const knows = typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

async function post<T>(path: string, body: object = {}): Promise<T & Said> {
  try {
    const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return (isJson ? await response.json() : { message: NO_ANSWER }) as T & Said;
  } catch {
    return { message: NO_ANSWER } as T & Said;
  }
}

/** Undefined where somebody turned back, or the device has none for this desk. */
async function ask(task: () => Promise<Credential | null>): Promise<object | undefined> {
  try {
    return ((await task()) as PublicKeyCredential | null)?.toJSON();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'InvalidStateError')
      throw new Error('This device has a passkey for this desk already.');
    return undefined;
  }
}

// ---- at the door ---------------------------------------------------------------------------------------------------------------

const door = document.querySelector<HTMLFormElement>('form[data-passkey]');
let offered = new AbortController();

async function enter(said: HTMLElement, isOffer: boolean): Promise<void> {
  offered.abort();
  offered = new AbortController();
  const { signal } = offered;
  const asked = await post<Asked>('/sign-in/passkey/begin');
  if (asked.message !== undefined || signal.aborted) return tell(said, isOffer ? undefined : asked.message);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options);
  const answer = await ask(() => navigator.credentials.get({ publicKey, signal, ...(isOffer && { mediation: 'conditional' as const }) }));
  if (answer === undefined) {
    if (isOffer || signal.aborted) return;
    tell(said, 'No passkey was used. Try again, or sign in with your password.');
    return void offer(said);
  }
  const next = (document.querySelector('input[name=next]') as HTMLInputElement | null)?.value ?? '/';
  const { go, message } = await post<Said>('/sign-in/passkey', { sealed: asked.sealed, answer, next });
  if (go !== undefined) location.assign(go);
  else tell(said, message);
}

/** Beside what the browser knows of passwords, in the field for the name, where it can. */
async function offer(said: HTMLElement): Promise<void> {
  if (await PublicKeyCredential.isConditionalMediationAvailable?.()) await enter(said, true);
}

function tell(said: HTMLElement, message: string | undefined): void {
  said.textContent = message ?? '';
}

if (door && knows) {
  const said = door.querySelector('[data-said]') as HTMLElement;
  door.hidden = false;
  door.addEventListener('submit', (event) => {
    event.preventDefault();
    tell(said, '');
    void enter(said, false);
  });
  void offer(said);
  setInterval(() => {
    if (!document.hidden && !said.textContent) void offer(said);
  }, ASK_AGAIN_MS);
}

// ---- on the account page -------------------------------------------------------------------------------------------------------

const adding = document.querySelector<HTMLFormElement>('form[data-add-passkey]');

async function add(form: HTMLFormElement, said: HTMLElement): Promise<void> {
  tell(said, 'Follow your browser or device.');
  const asked = await post<Asked>('/account/passkeys/begin');
  if (asked.message !== undefined) return tell(said, asked.message);
  try {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.options);
    const answer = await ask(() => navigator.credentials.create({ publicKey }));
    if (answer === undefined) return tell(said, 'No passkey was made.');
    const { title } = Object.fromEntries(new FormData(form));
    const { go, message } = await post<Said>('/account/passkeys', { sealed: asked.sealed, answer, title: title || thisDevice() });
    if (go === undefined) return tell(said, message);
    location.assign(go);
  } catch (error) {
    tell(said, (error as Error).message);
  }
}

function thisDevice(): string {
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux'].find((mark) => navigator.userAgent.includes(mark));
  return system === undefined ? 'Passkey' : `Passkey on ${system === 'Mac OS X' ? 'a Mac' : system}`;
}

if (adding && knows) {
  adding.hidden = false;
  document.querySelector('[data-no-passkeys]')?.remove();
  const said = adding.querySelector('[data-said]') as HTMLElement;
  adding.addEventListener('submit', (event) => {
    event.preventDefault();
    // The page has nothing to do with this form.
    event.stopPropagation();
    void add(adding, said);
  });
}

export {};
