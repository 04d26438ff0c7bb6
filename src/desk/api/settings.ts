/** How the desk is set up, over HTTP, for desk leads. Nothing is changed here. */
import { z } from 'zod';
import { settingsPage } from '../../web/settings-page.ts';
import type { SettingsView } from '../settings/settings-view.ts';
import { call } from './call.ts';
import type { Routes } from './routes.ts';
import { settingsShape } from './shapes/settings.ts';

export const SETTINGS_CALLS = {
  settings: call('settings', 'get /api/v1/settings', {
    rule: 'settings',
    summary: 'How the desk is set up, and what is wrong with that',
    answer: z.object({ settings: settingsShape }),
  }),
};

export function addSettings(routes: Routes, settings: () => Promise<SettingsView>): void {
  routes.call(SETTINGS_CALLS.settings, async () => ({ settings: await settings() }));
  routes.get('/settings', 'settings', async (c, { frame }) => c.html(settingsPage({ ...frame(), settings: await settings() })));
}
