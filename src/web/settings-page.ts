/** How the desk is set up: what is wrong with that first, then what holds, each with the file or the command that changes it. Nothing is changed here. */
import { html } from 'hono/html';
import type { PolicyVersionView, SettingsTrouble, SettingsView } from '../desk/settings/settings-view.ts';
import { ago, clock, type Frame, type Html, layout, nothing } from './parts.ts';
import { plural } from './words.ts';

const headOf = (notes: number): string =>
  `Nothing is wrong with how the desk is set up${notes === 0 ? '' : `; ${plural(notes, 'thing', 'things')} to know`}`;

export function settingsPage(view: Frame & { readonly settings: SettingsView }): Html {
  const { settings, now } = view;
  const wrong = settings.troubles.filter(({ isNote }) => isNote !== true);
  const notes = settings.troubles.filter(({ isNote }) => isNote === true);
  const body = html`<h1>${wrong.length === 0 ? headOf(notes.length) : `${plural(wrong.length, 'thing is', 'things are')} wrong with how the desk is set up`}</h1>
${troubles(wrong, 'wrong')}${troubles(notes, 'note')}
${policySection(settings, now)}
${receiverSection(settings, now)}
${storeSection(settings)}
${programSection(settings, now)}`;
  return layout(
    wrong.length > 0 ? `${wrong.length} wrong · Settings` : 'Settings',
    view,
    html`<div id="spacing" data-ms="30000" hidden></div>${body}`,
  );
}

function troubles(all: readonly SettingsTrouble[], kind: 'wrong' | 'note'): Html {
  if (all.length === 0) return nothing;
  return html`<ul class="troubles">${all.map(({ what, toDo }) => html`<li class="banner${kind === 'wrong' ? ' bad' : ''}" data-key="trouble-${what}"><b><bdi>${what}</bdi></b> <bdi>${toDo}</bdi></li>`)}</ul>`;
}

function section(id: string, title: string, by: Html, body: Html): Html {
  return html`<section aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${body}<p class="calm small">${by}</p></section>`;
}

function fact(name: string, value: Html): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function policySection({ policies, holdsPolicy }: SettingsView, now: number): Html {
  const by = html`Changed in its file, which the settings name in <code>desk.service</code>; the desk reads it when it is started. <code>hearthbeat policy check FILE</code> and <code>hearthbeat policy diff OLD NEW</code> say beforehand what a version promises and changes.`;
  const [newest, ...before] = policies;
  if (!holdsPolicy || newest === undefined)
    return section(
      'policy',
      'Service policy',
      by,
      html`<p class="calm">None holds.${newest === undefined ? '' : ` The last one was version ${newest.version}.`}</p>`,
    );
  return section(
    'policy',
    'Service policy',
    by,
    html`<dl class="service-facts">${fact('Version', html`<b><bdi>${newest.version}</bdi></b>, by its own word since ${newest.since}`)}
${fact('Held here', html`since ${clock(newest.heldFrom)} (${ago(newest.heldFrom, now)})`)}${newest.file === undefined ? nothing : fact('File', html`<code>${newest.file}</code>${source(newest)}`)}
${fact('It changed', changes(newest, before.length === 0))}</dl>
${before.length === 0 ? nothing : html`<details data-key="before"><summary>${plural(before.length, 'version')} before</summary><ol class="history">${before.map((one, i) => html`<li><span class="when">${clock(one.heldFrom)}</span><span class="what">version <bdi>${one.version}</bdi>, since ${one.since}<small>${source(one)}</small>${changes(one, i === before.length - 1)}</span></li>`)}</ol></details>`}`,
  );
}

function source({ changedBy, changedAt }: PolicyVersionView): Html {
  if (changedAt === undefined) return nothing;
  return html`, written ${clock(changedAt)}${changedBy === undefined ? nothing : html`, the file of <bdi>${changedBy}</bdi>`}`;
}

function changes({ changes: told }: PolicyVersionView, isFirst: boolean): Html {
  if (told === undefined) return html`not known: the one before was kept by another version of the program`;
  if (told.length === 0) return isFirst ? html`nothing is known before it` : html`nothing that is promised`;
  return html`<ul class="changes">${told.map((one) => html`<li><bdi>${one}</bdi></li>`)}</ul>`;
}

function receiverSection({ receivers, about }: SettingsView, now: number): Html {
  const by = html`Changed in ${about.noticesFile === undefined ? html`a file that the settings name in <code>desk.notices</code>` : html`<code>${about.noticesFile}</code> (<code>desk.notices</code>)`}, read when the desk is started. <code>hearthbeat notices test RECEIVER</code> sends one notice that says that it is a test.`;
  if (receivers === undefined) return section('receivers', 'Notices', by, html`<p class="calm">Nobody is told outside this page.</p>`);
  return section(
    'receivers',
    'Notices',
    by,
    html`<div class="wide-table" tabindex="0" role="region" aria-label="Receivers"><table class="figures-table receivers"><caption class="hidden">Receivers, in the last day</caption>
<thead><tr><th scope="col">Receiver</th><th scope="col">Kind</th><th scope="col">State</th><th scope="col">Sent</th><th scope="col">Wait</th><th scope="col">Refused</th><th scope="col">Given up</th><th scope="col">Last answer</th></tr></thead>
<tbody>${receivers.map(({ name, kind, waiting, sent, refused, expired, failingSince, lastAnswer }) => html`<tr data-key="r-${name}"><th scope="row"><bdi>${name}</bdi></th><td>${kind}</td><td>${failingSince === undefined ? 'fine' : html`<span class="s-down">fails for ${ago(failingSince, now)}</span>`}</td><td>${sent}</td><td>${waiting}</td><td>${refused}</td><td>${expired}</td><td class="words"><bdi>${lastAnswer ?? '–'}</bdi></td></tr>`)}</tbody></table></div>`,
  );
}

function storeSection({ historyDays, database }: SettingsView): Html {
  return section(
    'store',
    'What is kept',
    html`The database is chosen by <code>desk.database</code> in the settings; <code>hearthbeat backup</code> is for hubs: copy a desk's SQLite file while the desk is stopped, or dump the server.`,
    html`<dl class="service-facts">${fact('What hubs told', html`${plural(historyDays, 'day')}; what fires and what there is stays, tickets and audits stay for good`)}
${database === undefined ? fact('Database', html`it does not say how large it is`) : html`${fact('Database', html`<bdi>${database.engine}</bdi>, ${sizeWords(database.bytes)}`)}${fact('Where', html`<code>${database.place}</code>`)}`}</dl>`,
  );
}

/** `812 kB`, `4.2 GB`. */
export function sizeWords(bytes: number): string {
  const [units, steps] = [['kB', 'MB', 'GB', 'TB'], Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3) - 1))];
  const size = bytes / 1000 ** (steps + 1);
  return `${size < 10 && steps > 0 ? size.toFixed(1) : Math.ceil(size)} ${units[steps]}`;
}

function programSection({ about, certificate, hubs }: SettingsView, now: number): Html {
  return section(
    'program',
    'The program and its doors',
    html`Changed in ${about.settingsFile === undefined ? html`a settings file (none was found: the defaults hold)` : html`<code>${about.settingsFile}</code>`}; <code>hearthbeat config check</code> tells every problem of it. People: <a href="/people">accounts</a>, or <code>hearthbeat desk invite</code>.`,
    html`<dl class="service-facts">${fact('This desk', html`hearthbeat ${about.version ?? 'of an unknown version'}`)}
${fact('Hubs', hubs.length === 0 ? html`none yet` : html`${hubs.map(({ version, homes }, i) => html`${i > 0 ? ', ' : ''}<a href="/fleet?version=${encodeURIComponent(version ?? '-')}">${version ?? 'never heard'}</a> in ${plural(homes, 'home')}`)}`)}
${about.url === undefined ? nothing : fact('Reached at', html`<bdi>${about.url}</bdi>`)}
${fact('Who is let in', about.hasAccounts ? html`who has an account` : html`whoever is at this machine`)}
${certificate === undefined ? nothing : fact('Certificate', certificate.endsAt === undefined ? html`<span class="s-down">cannot be used</span>` : html`ends ${clock(certificate.endsAt)}${certificate.endsAt > now ? nothing : html`, <span class="s-down">which is past</span>`}; <code>${certificate.file}</code>`)}
${fact('Playbooks', about.playbooksFolder === undefined ? html`ours` : html`ours, and yours in <code>${about.playbooksFolder}</code> laid over them`)}</dl>`,
  );
}
