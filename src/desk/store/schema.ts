/**
 * The desk's tables as types, one per noun. Instants are Unix milliseconds of the desk's clock, bodies are the JSON that the hub sent
 * (checked and cleaned), flags are 0 or 1: the plain types that SQLite and PostgreSQL hold alike.
 */
import type { Generated, Selectable } from 'kysely';
import type { Outcome, TicketState, Tier } from '../tickets/ticket.ts';
import type { AccessTables } from './access-tables.ts';
import type { PushTables } from './push-tables.ts';
import type { VendorTables } from './vendor-tables.ts';

export type DeskTables = AccessTables & {
  site: SiteTable;
  session: SessionTable;
  device: DeviceTable;
  device_state: DeviceStateTable;
  device_verdict: DeviceVerdictTable;
  alert: AlertTable;
  told_stage: ToldStageTable;
  site_state: SiteStateTable;
  event: EventTable;
  snapshot_part: SnapshotPartTable;
  quarantine: QuarantineTable;
  ticket: TicketTable;
  ticket_alert: TicketAlertTable;
  audit: AuditTable;
  home_word: HomeWordTable;
  device_entry: DeviceEntryTable;
  device_word: DeviceWordTable;
  notice_seen: NoticeSeenTable;
  notice_receiver: NoticeReceiverTable;
  notice_thread: NoticeThreadTable;
  notice: NoticeTable;
  incident: IncidentTable;
  incident_home: IncidentHomeTable;
  incident_deed: IncidentDeedTable;
  shift: ShiftTable;
  time_entry: TimeEntryTable;
  device_course: DeviceCourseTable;
  home_absence: HomeAbsenceTable;
  policy_version: PolicyVersionTable;
  push_key: PushTables['push_key'];
  push_browser: PushTables['push_browser'];
  push_told: PushTables['push_told'];
  push_owed: PushTables['push_owed'];
  contact: ContactTable;
  home_note: HomeNoteTable;
  home_visit: HomeVisitTable;
  home_link: HomeLinkTable;
  home_picture: HomePictureTable;
  look: LookTable;
  vendor_contract: VendorTables['vendor_contract'];
  vendor_case: VendorTables['vendor_case'];
};

/** What the desk knows of the hub's connection. `stopped`: it said goodbye. */
export type PresencePhase = 'never' | 'online' | 'suspect' | 'silent' | 'stopped';

type SiteTable = {
  id: string;
  /** Given at the desk; it wins over what the hub calls the home. */
  name: string | null;
  hub_name: string | null;
  /** Null where an outside broker checks passwords. */
  password_hash: string | null;
  registered_at: number;
  first_seen_at: number | null;
  last_seen_at: number | null;
  presence: PresencePhase;
  presence_since: number;
  /** Names the hub's newest connection. */
  sid: string | null;
  start: string | null;
  goodbye: string | null;
  heartbeat_s: number;
  hub_version: string | null;
  time_zone: string | null;
  /** What it is called, as names are compared and sorted (search-words.ts). */
  sort_name: Generated<string>;
};

/** By which words a home is found, and by which a device; `entry` stands for the device in few bytes. */
type HomeWordTable = { word: string; site_id: string };
type DeviceEntryTable = { no: Generated<number>; site_id: string; device_id: string };
type DeviceWordTable = { word: string; entry: number };

/** One process start of a hub: its session number, and the desk's wall time at the hub's `mono` zero. */
type SessionTable = { site_id: string; start: string; ses: number; anchor_at: number | null; granted_at: number };

/** The place of the newest entry that was applied to a row: older ones change nothing. */
type Ordered = { ses: number; pos: number };

/** `body` is null for a device of which only the removal is known. */
type DeviceTable = Ordered & { site_id: string; id: string; body: string | null; first_seen_at: number; removed_at: number | null };

/** `clock_offset_ms`: desk time minus hub time when the entry was made; add it to the instants in `body`. */
type DeviceStateTable = Ordered & {
  site_id: string;
  device_id: string;
  state: string;
  since_at: number;
  body: string;
  clock_offset_ms: number;
};

/** How near its end a device is; all null where the hub knows nothing of it (any more). Beside `body` what is counted. */
type DeviceVerdictTable = Ordered & {
  site_id: string;
  device_id: string;
  state: string | null;
  tell: string | null;
  body: string | null;
};

/** Where the hub's clock was not known: `not_after` is set, and what is called the instant is only the best guess between them. */
type Uncertain = { not_before: number | null; not_after: number | null };

/** One occurrence of an alert: a key fires, clears, and fires again later as a new row. */
type AlertTable = Ordered & {
  site_id: string;
  key: string;
  /** The hub's own instant of raising: constant for the occurrence, right or wrong. */
  raised_hub_at: number;
  code: string;
  severity: string;
  device_id: string | null;
  raised_at: number;
  actionable_at: number;
  cleared_at: number | null;
  cleared_because: string | null;
  source: 'hub' | 'desk';
  body: string;
  clock_offset_ms: number;
  /** When the desk first heard of it, and whether that was more than a minute after it happened. */
  received_at: number;
  late: number;
  /** Who sees to it, as JSON in the desk's time: the hub's word, or what was said here. */
  acknowledged: string | null;
  /** 1 while the hub has not shown that it knows who sees to it. */
  untold: number;
  /** Of what nears its end: the latest stage that was told (whole days before, 0 when past), and the date that ends it. */
  stage: number | null;
  ends: string | null;
  /** 1 while it fires here and the hub, whose memory is an old one, has not shown that it knows of it. */
  forgotten: number;
} & Uncertain;

/** The nearest stage of one end that people were asked about, whatever became of its occurrences. `ends`: empty for what has no day. */
type ToldStageTable = { site_id: string; key: string; ends: string; stage: number; told_at: number };

type SiteStateTable = Ordered & { site_id: string; body: string; updated_at: number; clock_offset_ms: number };

/** What an instant rests on: the session's clock anchor, the hub's own wall clock, or, where that lay in the future, the receipt. */
export type OccurredBy = 'anchor' | 'hub-clock' | 'receipt';

type EventTable = Ordered & {
  /** The desk's own arrival number, for `after=`. */
  seq: Generated<number>;
  site_id: string;
  id: string;
  start: string;
  kind: string;
  body: string;
  hub_at: number;
  occurred_at: number;
  occurred_by: OccurredBy;
  received_at: number;
  late: number;
} & Uncertain;

type SnapshotPartTable = Ordered & { site_id: string; snapshot: string; part: number; parts: number };

type QuarantineTable = {
  seq: Generated<number>;
  site_id: string | null;
  topic: string;
  reason: string;
  sample: string;
  bytes: number;
  received_at: number;
};

/** People's work; as tickets/ticket.ts has it. At most one is open for a symptom of a home. */
type TicketTable = {
  number: Generated<number>;
  site_id: string;
  symptom: string | null;
  title: string;
  state: TicketState;
  is_open: number;
  tier: Tier;
  assignee: string | null;
  opened_at: number;
  asked_at: number;
  answered_at: number | null;
  /** A person has seen to it since it was asked; `step`: of the plan's ladder, the last that was taken since then. */
  seen_at: number | null;
  step: number;
  passed_to: string | null;
  passed_at: number | null;
  counts_from: number | null;
  waits_for: string | null;
  snoozed_until: number | null;
  resolved_at: number | null;
  outcome: Outcome | null;
  reopened: number;
  touched: number;
  merged_into: number | null;
  version: number;
};

/** An occurrence belongs to one ticket. */
type TicketAlertTable = { number: number; site_id: string; key: string; raised_hub_at: number };

/** Who did what, one chain for each home (tickets/audit.ts). Rows are never changed. */
type AuditTable = {
  site_id: string;
  n: number;
  at: number;
  actor: string;
  what: string;
  ticket: number | null;
  detail: string;
  hash: string;
};

/** Open tickets whose news were looked for, at which version and step; `look_at`: when time alone makes news of it. */
type NoticeSeenTable = { ticket: number; version: number; step: number; look_at: number | null };

/** How a receiver takes what it is sent. `barred`: it will take nothing until somebody mends something. */
type NoticeReceiverTable = {
  name: string;
  /** What happened before is not told to it. */
  since_at: number;
  /** Tries that failed in a row, and when the next may be. */
  failures: number;
  next_at: number;
  failing_since: number | null;
  barred: number;
  last_at: number | null;
  last_answer: string | null;
};

/** What a receiver was told of one thing last; `sent`: in how many messages. `body`: a notice of notices/notice.ts. */
type NoticeThreadTable = { receiver: string; about: string; sent: number; is_over: number; body: string; told_at: number };

export type NoticeFate = 'waiting' | 'sent' | 'refused' | 'expired';

/** What is to be sent, and what was. At most one waits for a receiver about one thing. `unsure`: a try of it may have arrived. */
type NoticeTable = {
  seq: Generated<number>;
  id: string;
  receiver: string;
  about: string;
  body: string;
  urgent: number;
  held: number;
  made_at: number;
  due_at: number;
  tries: number;
  unsure: number;
  /** The first of those that go out in one message with it. */
  batch: number | null;
  lease: string | null;
  leased_until: number;
  fate: NoticeFate;
  done_at: number | null;
  answer: string | null;
};

export type NoticeRow = Selectable<NoticeTable>;
export type NoticeThreadRow = Selectable<NoticeThreadTable>;
export type NoticeReceiverRow = Selectable<NoticeReceiverTable>;
/** One cause of many homes; as incidents/incident.ts has it. */
type IncidentTable = {
  number: Generated<number>;
  kind: string;
  name: string;
  size: number;
  by_chance: number;
  since_at: number;
  last_fell_at: number;
  opened_at: number;
  ended_at: number | null;
  ended_because: string | null;
  assignee: string | null;
  answered_at: number | null;
  version: number;
};

/** `left_at`: when the home came back, or was taken for one with a trouble of its own. */
type IncidentHomeTable = { number: number; site_id: string; since_at: number; left_at: number | null; is_back: number };

type IncidentDeedTable = { number: number; n: number; at: number; actor: string; what: string; detail: string };

/** What somebody said of himself last: on shift, or off. */
type ShiftTable = { name: string; is_on: number; since_at: number; until_at: number };

/** Time that somebody worked on a ticket; `counted`: rounded up. `taken_back`: why it counts no more. */
type TimeEntryTable = {
  no: Generated<number>;
  site_id: string;
  ticket: number;
  at: number;
  by: string;
  text: string;
  minutes: number;
  counted: number;
  billable: number;
  consent_from: string | null;
  rate: string | null;
  override: string | null;
  taken_back: string | null;
};

/** From `since_at` on a device was in `state`, and until then in `was`, where the desk had been told. `rtt_us`: how long its answers took then. */
type DeviceCourseTable = Ordered & {
  site_id: string;
  device_id: string;
  since_at: number;
  state: string;
  was: string | null;
  rtt_us: number | null;
};

/** In which the desk did not hear the hub, or the hub did not see its house: `why` as an absence says it. */
type HomeAbsenceTable = { site_id: string; from_at: number; to_at: number; why: string };

/** A service policy that this desk held, since it was read from its file: who had changed that last, and what it changed, as JSON. */
type PolicyVersionTable = {
  n: Generated<number>;
  version: string;
  since: string;
  held_from_at: number;
  file: string | null;
  changed_at: number | null;
  changed_by: string | null;
  changes: string | null;
  body: string;
};

/** Who made a row of a home's dossier, and who changed it last. */
type MadeByHand = { made_by: string; made_at: number; changed_by: string | null; changed_at: number | null };

/** Somebody who is called about a home (dossier/contact.ts); `ways`: as JSON, the preferred one first. */
export type ContactTable = MadeByHand & {
  no: Generated<number>;
  site_id: string;
  version: number;
  name: string;
  role: string;
  has_key: number;
  is_first: number;
  ways: string;
  hours: string | null;
  language: string | null;
  about: string | null;
};

export type HomeNoteTable = MadeByHand & { no: Generated<number>; site_id: string; version: number; text: string; pinned: number };

type KeptTable = MadeByHand & { no: Generated<number>; site_id: string; version: number };
export type HomeVisitTable = KeptTable & { day: string; who: string; why: string; done: string | null; next_due: string | null };
export type HomeLinkTable = KeptTable & { title: string; address: string };
/** `bytes`: how many `jpeg` has. */
export type HomePictureTable = KeptTable & { caption: string; bytes: number; jpeg: Buffer };

export type SiteRow = Selectable<SiteTable>;
export type SessionRow = Selectable<SessionTable>;
export type DeviceRow = Selectable<DeviceTable>;
export type DeviceStateRow = Selectable<DeviceStateTable>;
export type AlertRow = Selectable<AlertTable>;
export type SiteStateRow = Selectable<SiteStateTable>;
export type EventRow = Selectable<EventTable>;
export type TicketRow = Selectable<TicketTable>;
export type IncidentRow = Selectable<IncidentTable>;
export type IncidentHomeRow = Selectable<IncidentHomeTable>;
export type IncidentDeedRow = Selectable<IncidentDeedTable>;

/** Who looked into a home on a day (UTC): a person's name, or that of a token. */
type LookTable = { site_id: string; day: string; by: string; first_at: number; last_at: number };
