/**
 * What Home Assistant is to make of a page, in its device-based MQTT discovery (since 2024.11; home-assistant.io/integrations/mqtt): one
 * retained text for a device, with all its entities. Pure.
 */
import { availabilityTopic, discoveryTopic, type MirrorPlace, stateTopic } from './place.ts';

/** With its platform alone, an entity that was there is taken away. */
export type Entity = { readonly p: 'binary_sensor' | 'sensor'; readonly [option: string]: string | null | readonly string[] };

export type Discovered = {
  readonly page: string;
  readonly device: { readonly name: string; readonly [option: string]: unknown };
  /** By a name that never changes: Home Assistant knows them by it. */
  readonly entities: Readonly<Record<string, Entity>>;
};

/** The topic and its text. `version` is the program's. */
export function discovery(place: MirrorPlace, version: string, { page, device, entities }: Discovered): [string, string] {
  const id = discoveredId(place, page);
  const components = Object.entries(entities).map(([key, entity]) => [
    key,
    Object.keys(entity).length === 1 ? entity : { ...entity, uniq_id: `${id}_${key}` },
  ]);
  const text = {
    dev: { ids: [id], ...device },
    o: { name: 'hearthbeat', sw: version },
    avty_t: availabilityTopic(place),
    stat_t: stateTopic(place, page),
    qos: 1,
    cmps: Object.fromEntries(components) as unknown,
  };
  return [discoveryTopic(place, page), JSON.stringify(text)];
}

export const discoveredId = ({ site }: MirrorPlace, page: string): string => `hearthbeat_${site}_${page}`;

/** Whether it answers: `None` is Home Assistant's "unknown", for what could not be looked at. What sleeps is not connected, and no fault. */
export function connectivity(name: string | null, field: string): Entity {
  return {
    p: 'binary_sensor',
    name,
    dev_cla: 'connectivity',
    val_tpl: `{{ {'up': 'ON', 'down': 'OFF', 'asleep': 'OFF'}.get(value_json.${field}, 'None') }}`,
  };
}

/** On while somebody should act, with the alerts that say why. */
export function problem(place: MirrorPlace, page: string): Entity {
  return {
    p: 'binary_sensor',
    name: 'Problem',
    dev_cla: 'problem',
    val_tpl: "{{ 'ON' if value_json.problem else 'OFF' }}",
    ...attributes(place, page, ['alerts']),
  };
}

/** A plain value of the page; `options` as Home Assistant calls them. */
export function value(name: string, field: string, options: Readonly<Record<string, string | readonly string[]>> = {}): Entity {
  return { p: 'sensor', name, val_tpl: `{{ value_json.${field} }}`, ...options };
}

/** Fields of the page, each of which must be there, beside the value of an entity. */
export function attributes(place: MirrorPlace, page: string, fields: readonly string[]): { json_attr_t: string; json_attr_tpl: string } {
  const pairs = fields.map((field) => `'${field}': value_json.${field}`).join(', ');
  return { json_attr_t: stateTopic(place, page), json_attr_tpl: `{{ {${pairs}} | tojson }}` };
}

export const DIAGNOSTIC = { ent_cat: 'diagnostic' } as const;
