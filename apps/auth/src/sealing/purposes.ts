/** What a sealed value is for: one that is moved to another row does not open there. */
export function certificatePurpose(appId: number): string {
  return `certificate of app ${appId}`;
}

export function secretPurpose(org: string, app: string): string {
  return `client secret of ${org}#${app}`;
}
