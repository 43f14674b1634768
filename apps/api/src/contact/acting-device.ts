import type { Query } from '../http/call.js';

const RESOURCE_MAX_LENGTH = 255;

/**
 * The device that does something, as the official SDKs name it in the query; '' = none, and all devices are told. What cannot
 * be a device is none.
 */
export function actingDevice(query: Query): string {
  const [resource] = [query['resource']].flat();
  if (typeof resource !== 'string' || resource.length > RESOURCE_MAX_LENGTH || resource === 'undefined') return '';
  return /[\u0000-\u001f\u007f]/.test(resource) ? '' : resource;
}
