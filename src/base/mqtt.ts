/** One MQTT connection as hub and desk both need it; src/platform implements it over mqtt.js, tests and the simulation in memory. */

/** A message on the way to or from the broker. `retained` is true only for one that the broker had kept from earlier. */
export type WireMessage = { readonly topic: string; readonly payload: Uint8Array; readonly retained: boolean };

export type LinkState = {
  readonly connected: boolean;
  /** The dates of the broker's certificate wait for the desk's time: until it answers, nothing of the house is for this broker. */
  readonly isUndated?: boolean;
  readonly problem?: string;
  readonly code?: 'HB_BROKER_UNREACHABLE' | 'HB_BROKER_REFUSED';
  readonly remoteAddress?: string;
};

export type LinkHandlers = {
  /** Topics to listen to; `connected` is reported only once the broker has taken the subscription. */
  readonly subscriptions: readonly string[];
  /** Asked before each attempt to connect: what the broker shall say (QoS 1, retained) when that connection is lost. */
  will?(): { readonly topic: string; readonly payload: string };
  onState(state: LinkState): void;
  onMessage(message: WireMessage): void;
};

/** One MQTT connection that keeps itself up with full-jitter backoff; nothing is queued while it is down. */
export interface MqttLink {
  start(handlers: LinkHandlers): void;
  /** Resolves true at PUBACK (QoS 1) or hand-over to the socket (QoS 0), false when the connection was lost first. Never rejects. */
  publish(topic: string, payload: string, options: { qos: 0 | 1; retain?: boolean; expiryS?: number }): Promise<boolean>;
  stop(): Promise<void>;
}
