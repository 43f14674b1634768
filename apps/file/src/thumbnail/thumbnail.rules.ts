const DEFAULT_PIXELS = 170;
const MOST_PIXELS = 2_048;
/** Smaller images are their own thumbnails. */
export const SMALLEST_IMAGE_BYTES = 10 * 1024;

/** The box into which the thumbnail fits, in pixels. What is no number, or 0, is the default. */
export function thumbnailSize(width: string | number | undefined, height: string | number | undefined): { width: number; height: number } {
  return { width: pixels(width), height: pixels(height) };
}

function pixels(given: string | number | undefined): number {
  const number = Math.trunc(Number(given));
  if (!Number.isFinite(number) || number <= 0) return DEFAULT_PIXELS;
  return Math.min(number, MOST_PIXELS);
}
