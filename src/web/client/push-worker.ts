/**
 * Shows what the desk tells this browser, also while no page of the desk is open; a click leads to it. It is a worker for that alone: it answers no request and keeps nothing. No module, as
 * not every browser takes one here: so nothing is imported or exported.
 */

/** As desk/push/message.ts says it. */
type Said = {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly path: string;
  readonly at: number;
  readonly stays: boolean;
  readonly quiet: boolean;
};

type Lasting = Event & { waitUntil(task: Promise<unknown>): void };
type Pushed = Lasting & { readonly data: { json(): unknown } | null };
type Clicked = Lasting & { readonly notification: Notification };
type OpenPage = { readonly url: string; focus(): Promise<unknown> };

/** Of the scope of such a worker, what is used here: TypeScript knows it or the page's, not both. */
type Scope = {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly OpenPage[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: 'push', listener: (event: Pushed) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: Clicked) => void): void;
};

const scope = globalThis as unknown as Scope;

/** A browser wants something shown for each message, also for one that it cannot read. */
const UNREADABLE: Said = {
  title: 'The desk has news',
  body: 'Open it to see what it is.',
  tag: 'unreadable',
  path: '/tickets',
  at: 0,
  stays: false,
  quiet: false,
};

function saidIn({ data }: Pushed): Said {
  try {
    const said = data?.json() as Said;
    return typeof said.title === 'string' && typeof said.path === 'string' ? said : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

function show({ title, body, tag, path, at, stays, quiet }: Said): Promise<void> {
  const options = {
    body,
    tag,
    // Replaced by what is newer of the same thing, which is heard again.
    renotify: !quiet,
    silent: quiet,
    requireInteraction: stays,
    icon: '/assets/icon.svg',
    ...(at > 0 && { timestamp: at }),
    data: { path },
  };
  return scope.registration.showNotification(title, options);
}

/** Only at the desk's own address, whatever somebody wrote. */
async function lead(path: unknown): Promise<void> {
  const { origin } = location;
  const wanted = new URL(typeof path === 'string' ? path : '/tickets', origin);
  const url = wanted.origin === origin ? wanted.href : new URL('/tickets', origin).href;
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  // Another page of the desk stays as it is: somebody may be writing there.
  const there = windows.find((window) => window.url.split('#')[0] === url);
  await (there ? there.focus() : scope.clients.openWindow(url));
}

scope.addEventListener('push', (event) => event.waitUntil(show(saidIn(event))));
scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(lead((event.notification.data as { path?: unknown } | null)?.path));
});
