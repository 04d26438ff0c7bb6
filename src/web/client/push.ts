/**
 * Notices in this browser, on the account page: asks the person, gets the browser's address at its push service, and hands that to the desk. Without it, or where the browser cannot, the
 * page says what is missing.
 */

/** Without pages of its own: it shows notices, and controls none of the desk's pages. */
const WORKER = '/assets/push-worker.js';
const NO_ANSWER = 'The desk does not answer. Try again.';
const NOT_ALLOWED =
  'Your browser does not let this page show notices. Allow them for this address in its settings (often behind the sign beside the address), then try again.';
const NO_SERVICE =
  'This browser could not reach a push service, so it cannot be told anything. Some browsers have none, some have it turned off in their settings, and some networks keep them from it.';

const section = document.querySelector<HTMLElement>('[data-browsers]');
const knows = isSecureContext && 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;

async function post(path: string, body: object = {}): Promise<{ readonly go?: string; readonly message?: string }> {
  try {
    const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return isJson ? await response.json() : { message: NO_ANSWER };
  } catch {
    return { message: NO_ANSWER };
  }
}

/** A subscription for another key than the desk has now is of a desk that there was before. */
async function subscribe(publicKey: string): Promise<PushSubscription> {
  await navigator.serviceWorker.register(WORKER);
  const registration = await activeRegistration();
  const present = await registration.pushManager.getSubscription();
  if (present && keyOf(present) === publicKey) return present;
  await present?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

/** A worker that is still being installed can be told nothing. */
async function activeRegistration(): Promise<ServiceWorkerRegistration> {
  const registration = (await navigator.serviceWorker.getRegistration(WORKER)) as ServiceWorkerRegistration;
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return registration;
  return new Promise((resolve) => {
    coming.addEventListener('statechange', () => coming.state === 'activated' && resolve(registration));
  });
}

function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

async function turnOn(form: HTMLFormElement, tell: (message: string) => void): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') return tell(NOT_ALLOWED);
  tell('Waiting for the push service of your browser.');
  let subscription: PushSubscription;
  try {
    subscription = await subscribe(form.dataset.turnOn ?? '');
  } catch (error) {
    return tell(error instanceof DOMException && error.name === 'NotAllowedError' ? NOT_ALLOWED : NO_SERVICE);
  }
  const { title } = Object.fromEntries(new FormData(form));
  const { go, message } = await post('/account/browsers', { subscription: subscription.toJSON(), title });
  if (go === undefined) return tell(message ?? NO_ANSWER);
  location.assign(go);
}

/** Which of the rows is this browser: then it is turned on. */
async function markThis(rows: readonly HTMLElement[]): Promise<void> {
  const subscription = await (await navigator.serviceWorker.getRegistration(WORKER))?.pushManager.getSubscription();
  if (!subscription) return;
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint));
  const mark = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const own = rows.find((row) => row.dataset.browser === mark)?.querySelector<HTMLElement>('[data-this]');
  if (!own) return;
  own.hidden = false;
  section?.querySelector('form[data-turn-on]')?.remove();
}

if (section) {
  const said = section.querySelector('[data-said]') as HTMLElement;
  const tell = (message: string): void => {
    said.textContent = message;
  };
  for (const button of section.querySelectorAll<HTMLButtonElement>('[data-test]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      tell('Sending.');
      tell((await post(button.dataset.test ?? '')).message ?? NO_ANSWER);
    });
  }
  const form = section.querySelector<HTMLFormElement>('form[data-turn-on]');
  if (knows) void markThis([...section.querySelectorAll<HTMLElement>('[data-browser]')]);
  if (form && knows) {
    form.hidden = false;
    section.querySelector('[data-no-push]')?.remove();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      // The page has nothing to do with this form.
      event.stopPropagation();
      void turnOn(form, tell);
    });
  }
}

export {};
