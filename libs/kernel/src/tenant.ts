declare const authenticated: unique symbol;

/**
 * The app on whose behalf something happens. Data access takes one of these, and only authentication makes them
 * (lint forbids `tenantFromAuthentication` elsewhere), so a query for "some app" cannot be written by accident.
 */
export interface TenantRef {
  /** Internal number of the app: first column of every key. */
  readonly appId: number;
  /** UUID of the app, as `application` in REST envelopes. */
  readonly appUuid: string;
  readonly org: string;
  readonly app: string;
  readonly [authenticated]: true;
}

/** Makes a TenantRef from what a verified token or the auth service said. */
export function tenantFromAuthentication(fields: {
  appId: number;
  appUuid: string;
  org: string;
  app: string;
}): TenantRef {
  return { appId: fields.appId, appUuid: fields.appUuid, org: fields.org, app: fields.app } as TenantRef;
}
