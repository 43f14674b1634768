// A process of its own: it reads what strangers have sent. Whatever happens here, the service lives on.
import sharp from 'sharp';

export interface ImageJob {
  readonly input: string;
  readonly output: string;
  readonly width: number;
  readonly height: number;
}
export interface ImageAnswer {
  /** Content type of what was made; '' when it could not be made. */
  readonly type: string;
}

const [maxPixels, seconds, megabytes] = process.argv.slice(2).map(Number) as [number, number, number];
const WATCH_MS = 50;

// Only formats that cameras and chat apps make: no SVG, PDF or others that load more than pixels.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpegFile', 'VipsForeignLoadPngFile', 'VipsForeignLoadWebpFile', 'VipsForeignLoadNsgifFile', 'VipsForeignLoadHeifFile'] });
sharp.concurrency(1);
sharp.cache(false);

async function make({ input, output, width, height }: ImageJob): Promise<ImageAnswer> {
  const image = sharp(input, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true, pages: 1 });
  const { hasAlpha } = await image.metadata();
  // Turned as the camera says; without withMetadata() nothing else of it is kept.
  const small = image.rotate().resize({ width, height, fit: 'inside', withoutEnlargement: true }).timeout({ seconds });
  await (hasAlpha ? small.png() : small.jpeg({ quality: 80 })).toFile(output);
  return { type: hasAlpha ? 'image/png' : 'image/jpeg' };
}

setInterval(() => {
  if (process.memoryUsage.rss() > megabytes * 1024 * 1024) process.exit(1);
}, WATCH_MS).unref();

process.on('message', (job: ImageJob) => {
  make(job).then(
    (answer) => process.send!(answer),
    () => process.send!({ type: '' } satisfies ImageAnswer),
  );
});
process.on('disconnect', () => process.exit());
