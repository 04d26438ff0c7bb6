/** How the desk is set up, over HTTP, for desk leads. Nothing is changed here. */
import { settingsPage } from '../../web/settings-page.ts';
import type { SettingsView } from '../settings/settings-view.ts';
import type { Routes } from './routes.ts';

export function addSettings(routes: Routes, settings: () => Promise<SettingsView>): void {
  routes.get('/api/v1/settings', 'settings', async (c) => c.json({ settings: await settings() }));
  routes.get('/settings', 'settings', async (c, { frame }) => c.html(settingsPage({ ...frame(), settings: await settings() })));
}
