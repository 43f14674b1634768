import { Injectable } from '@nestjs/common';
import { Bus } from '@parley/bus';
import type { presence } from '@parley/contracts';
import type { Shown } from './presence.rules.js';
import type { Listener } from './audience.store.js';

/** Deliveries of one publish: some 20 bytes each. */
const MOST_DELIVERIES = 5_000;

/** Tells gateways what their users are to hear: one publish for each gateway, however many of its users listen. */
@Injectable()
export class PresenceNews {
  constructor(private readonly bus: Bus) {}

  publish(appId: number, states: ReadonlyMap<bigint, presence.PresenceState>, listeners: readonly Listener[]): void {
    const byGateway = new Map<string, Listener[]>();
    for (const listener of listeners) {
      const mine = byGateway.get(listener.gatewayId);
      if (mine) mine.push(listener);
      else byGateway.set(listener.gatewayId, [listener]);
    }
    for (const [gatewayId, mine] of byGateway) {
      for (let at = 0; at < mine.length; at += MOST_DELIVERIES) {
        this.bus.publishToGateway(gatewayId, newsFor(appId, states, mine.slice(at, at + MOST_DELIVERIES)));
      }
    }
  }
}

function newsFor(appId: number, states: ReadonlyMap<bigint, presence.PresenceState>, listeners: readonly Listener[]): presence.PresenceNews {
  const places = new Map<bigint, number>();
  const deliveries = new Map<bigint, presence.PresenceDelivery>();
  const told: presence.PresenceState[] = [];
  for (const { target, subscriber, expiresAt } of listeners) {
    let place = places.get(target);
    if (place === undefined) {
      place = told.push(states.get(target)!) - 1;
      places.set(target, place);
    }
    let delivery = deliveries.get(subscriber);
    if (!delivery) deliveries.set(subscriber, (delivery = { userId: subscriber, heard: [] }));
    delivery.heard.push({ state: place, expiresAt });
  }
  return { appId, states: told, deliveries: [...deliveries.values()] };
}

/** A state as contracts carry it. */
export function stateOf(username: string, { ext, statuses, changedMs }: Pick<Shown, 'ext' | 'statuses' | 'changedMs'>): presence.PresenceState {
  return { username, changedAt: BigInt(Math.floor(changedMs / 1_000)), ext, statuses: { ...statuses } };
}
