import { fileTypeFromBuffer } from 'file-type';

/** What sniffing needs of the beginning. */
export const HEAD_BYTES = 4_100;
export const UNKNOWN_TYPE = 'application/octet-stream';

const IMAGES = ['image/jpeg', 'image/png', 'image/apng', 'image/gif', 'image/webp', 'image/avif', 'image/bmp', 'image/heic', 'image/heif'];
const AUDIO = ['audio/mpeg', 'audio/mp4', 'audio/x-m4a', 'audio/aac', 'audio/ogg', 'audio/opus', 'audio/wav', 'audio/amr', 'audio/flac', 'audio/webm'];
const VIDEO = ['video/mp4', 'video/x-m4v', 'video/quicktime', 'video/webm', 'video/ogg', 'video/3gpp', 'video/3gpp2', 'video/matroska'];
/** Types that a browser shows without running anything in them. */
const SAFE: ReadonlySet<string> = new Set([...IMAGES, ...AUDIO, ...VIDEO]);

/** The type that the bytes show, whatever the uploader said. What a browser might run is never told: it is only bytes. */
export async function contentTypeOf(head: Uint8Array): Promise<string> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  const type = found?.mime.split(';')[0];
  return type !== undefined && SAFE.has(type) ? type : UNKNOWN_TYPE;
}

export function isSafeInline(contentType: string): boolean {
  return SAFE.has(contentType);
}

export function isImage(contentType: string): boolean {
  return IMAGES.includes(contentType);
}

export function isVideo(contentType: string): boolean {
  return VIDEO.includes(contentType);
}
