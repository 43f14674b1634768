import { spawn } from 'node:child_process';
import type { FileConfig } from '../config.js';
import type { ImageJob } from './image.worker.js';

/**
 * Takes the first frame of a video with the ffmpeg of the setting, in a process that is bounded in time, memory and what it
 * may open. Content type of job.output; '' when there is no ffmpeg or no frame.
 */
export async function takeFrame(config: Pick<FileConfig, 'ffmpeg' | 'thumbnailSeconds' | 'thumbnailMegabytes' | 'maxPixels'>, job: ImageJob): Promise<string> {
  const { ffmpeg, thumbnailSeconds, thumbnailMegabytes, maxPixels } = config;
  if (!ffmpeg) return '';
  const filter = `scale=w='min(${job.width},iw)':h='min(${job.height},ih)':force_original_aspect_ratio=decrease`;
  const args = [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-threads', '1', '-protocol_whitelist', 'file', '-max_pixels', String(maxPixels)],
    // These demuxers read one file and follow no references to others.
    ...['-format_whitelist', 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg', '-i', job.input],
    ...['-map', '0:v:0', '-frames:v', '1', '-an', '-sn', '-dn', '-vf', filter, '-map_metadata', '-1', '-f', 'image2', '-c:v', 'mjpeg', '-y', job.output],
  ];
  const limited = 'ulimit -t "$1"; ulimit -v "$2"; shift 2; exec "$@"';
  const bounds = [String(thumbnailSeconds), String(thumbnailMegabytes * 1024)];
  const child = spawn('/bin/sh', ['-c', limited, 'sh', ...bounds, ffmpeg, ...args], { stdio: 'ignore', env: {}, timeout: thumbnailSeconds * 1_000, killSignal: 'SIGKILL' });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  return code === 0 ? 'image/jpeg' : '';
}
