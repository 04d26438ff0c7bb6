/** What the API answers to the page's scripts. Made of its description by `npm run api:types`: change that. */

export type Acknowledged = {
  acknowledged: true;
};

export type Change = {
  sites: string[];
  trouble?: true;
};

export type Incident = {
  number: number;
  kind: 'provider-in-area' | 'area' | 'provider' | 'version' | 'all';
  name: string;
  size: number;
  byChance: number;
  since: number;
  lastFellAt: number;
  openedAt: number;
  endedAt?: number;
  endedBecause?: string;
  assignee?: string;
  answeredAt?: number;
  version: number;
};

export type IncidentActed = {
  incident: Incident;
};

export type Problem = {
  error: string;
  message: string;
  field?: string;
};

export type ShiftSaid = {
  name: string;
  on: boolean;
  until: number;
};

export type Ticket = {
  number: number;
  site: string;
  symptom?: string;
  title: string;
  state: 'new' | 'open' | 'waiting' | 'monitoring' | 'resolved' | 'closed' | 'merged';
  tier: 'basic' | 'advanced' | 'priority';
  assignee?: string;
  openedAt: number;
  askedAt: number;
  answeredAt?: number;
  seenAt?: number;
  passed?: {
    step: number;
    to: string;
    at: number;
  };
  countsFrom?: number;
  waitsFor?: string;
  snoozedUntil?: number;
  resolvedAt?: number;
  outcome?: 'fixed' | 'workaround' | 'no-fault' | 'false-alarm' | 'recovered';
  reopened: number;
  isTouched: boolean;
  mergedInto?: number;
  version: number;
};

export type TicketActed = {
  ticket: Ticket;
};
