/** Keys of the storage: only numbers and uuids go in, so that no key can lead elsewhere. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export function fileKey(appId: number, fileId: string): string {
  return key(appId, 'files', fileId);
}

export function thumbnailKey(appId: number, fileId: string): string {
  return key(appId, 'thumbnails', fileId);
}

/** One try to upload a part. */
export function partKey(appId: number, blobId: string): string {
  return key(appId, 'parts', blobId);
}

function key(appId: number, kind: string, id: string): string {
  if (!Number.isSafeInteger(appId) || appId <= 0 || !isUuid(id)) throw new Error('not a key');
  return `${appId}/${kind}/${id.slice(0, 2)}/${id}`;
}
