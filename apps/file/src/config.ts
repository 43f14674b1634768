import { addressesConfig, infrastructureConfig, loadConfig, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';

const text = z.string().optional();
const seconds = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

export const fileConfig = section('file', {
  listen: setting(text, {
    env: 'PARLEY_FILE_LISTEN',
    doc: 'host:port on which the file service answers gRPC; without it the address under which others call it.',
  }),
  listenHttp: setting(text, {
    env: 'PARLEY_FILE_LISTEN_HTTP',
    doc: 'host:port on which the file service takes and gives bytes; without it the address under which others call it.',
  }),
  healthHost: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that servers listen on.' }),
  healthPort: setting(z.coerce.number().int().min(0).max(65_535).default(0), {
    env: 'PARLEY_FILE_HEALTH_PORT',
    doc: 'Port of /health/live and /health/ready of the file service; 0 = none.',
  }),
  poolSize: setting(z.coerce.number().int().min(2).max(100).default(8), {
    env: 'PARLEY_FILE_POOL_SIZE',
    doc: 'Database connections of one file service.',
  }),
  folder: setting(z.string().default('.parley/files'), {
    env: 'PARLEY_FILE_FOLDER',
    doc: 'Folder of attachments when there is no S3 bucket, and of passing work. Replicas without a bucket must share it.',
  }),
  s3Bucket: setting(text, { env: 'PARLEY_FILE_S3_BUCKET', doc: 'Bucket of an S3-compatible store; it must exist. Without it files are in the folder.' }),
  s3Endpoint: setting(text, { env: 'PARLEY_FILE_S3_ENDPOINT', doc: 'URL of the store; without it that of AWS for the region.' }),
  s3Region: setting(z.string().default('us-east-1'), { env: 'PARLEY_FILE_S3_REGION', doc: 'Region of the store.' }),
  s3Prefix: setting(z.string().regex(/^([\w.-]+\/)*$/, 'names that each end with /').default('parley/'), {
    env: 'PARLEY_FILE_S3_PREFIX',
    doc: 'Before every key in the bucket. Unfinished uploads below it are removed, so it must be of this installation alone.',
  }),
  s3AccessKeyId: setting(text, { env: 'PARLEY_FILE_S3_ACCESS_KEY_ID', doc: "Key of the store; without it the AWS client's own ways to find one.", secret: true }),
  s3SecretAccessKey: setting(text, { env: 'PARLEY_FILE_S3_SECRET_ACCESS_KEY', doc: 'Secret of that key.', secret: true }),
  uploadsAtOnce: setting(z.coerce.number().int().min(1).default(256), {
    env: 'PARLEY_FILE_UPLOADS_AT_ONCE',
    doc: 'Uploads that one file service takes at once; further ones are told to try again.',
  }),
  partBytes: setting(z.coerce.number().int().min(65_536).default(5 * 1024 * 1024), {
    env: 'PARLEY_FILE_PART_BYTES',
    doc: 'Size of the parts of a part upload that clients are told. SDKs upload in parts beyond 7.5 MiB, whatever this is.',
  }),
  unfinishedSeconds: setting(seconds(86_400), {
    env: 'PARLEY_FILE_UNFINISHED_SECONDS',
    doc: 'After this long an upload that was not finished is removed.',
  }),
  rememberExpiredDays: setting(z.coerce.number().int().min(0).default(30), {
    env: 'PARLEY_FILE_REMEMBER_EXPIRED_DAYS',
    doc: 'How long a file that is gone is answered as expired, afterwards as unknown.',
  }),
  sweepSeconds: setting(seconds(60), { env: 'PARLEY_FILE_SWEEP_SECONDS', doc: 'How often expired and unfinished files are looked for.' }),
  ffmpeg: setting(text, {
    env: 'PARLEY_FILE_FFMPEG',
    doc: 'The ffmpeg binary that takes first frames of videos; without it videos have none.',
  }),
  maxPixels: setting(z.coerce.number().int().min(1_000_000).max(268_000_000).default(50_000_000), {
    env: 'PARLEY_FILE_MAX_PIXELS',
    doc: 'Images with more pixels get no thumbnail.',
  }),
  thumbnailSeconds: setting(seconds(10), { env: 'PARLEY_FILE_THUMBNAIL_SECONDS', doc: 'After this long the making of a thumbnail is ended by force.' }),
  thumbnailMegabytes: setting(z.coerce.number().int().min(128).default(768), {
    env: 'PARLEY_FILE_THUMBNAIL_MEGABYTES',
    doc: 'With more memory than this the making of a thumbnail is ended by force.',
  }),
});

export type FileConfig = SectionValues<typeof fileConfig>;

/** Everything that the file service reads from the environment. @throws ConfigError with all problems together */
export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  return loadConfig({ file: fileConfig, infrastructure: infrastructureConfig, addresses: addressesConfig }, env);
}
export type ServiceConfig = ReturnType<typeof loadServiceConfig>;
export const FILE_CONFIG = Symbol('file configuration');
