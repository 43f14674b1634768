import type { Bus } from '@parley/bus';
import { file, type Tenant } from '@parley/contracts';
import type { Pool } from '@parley/db';
import type { RpcClient } from '@parley/rpc';
import { Backbone, eventually, type Json, tenantOf } from '@parley/testkit';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fileService from './start.js';

export interface Answered {
  status: number;
  headers: Headers;
  content: Buffer;
  body: Json;
}

/** A form with one file. */
export function form(content: Uint8Array, name = 'a.bin', part = 'file', fields: Record<string, string> = {}): FormData {
  const data = new FormData();
  for (const [key, value] of Object.entries(fields)) data.append(key, value);
  data.append(part, new Blob([content as Uint8Array<ArrayBuffer>]), name);
  return data;
}

/** Until the check throws no more. */
export async function holds(check: () => void | Promise<void>, withinMs = 20_000): Promise<void> {
  await eventually(
    async () => {
      await check();
      return true;
    },
    { withinMs },
  );
}

/** The file service on real PostgreSQL and NATS, seen from its doors, its database and its folder. */
export class FileServiceUnderTest {
  readonly #folder = mkdtempSync(join(tmpdir(), 'parley-file-'));
  /** Where attachments are, unless a test says otherwise. */
  files = join(this.#folder, 'files');
  /** By app. */
  readonly settings = new Map<number, Record<string, number>>();
  appId = 0;
  service!: fileService.RunningFileService;
  rpc!: RpcClient<typeof file.FileServiceService>;
  bus!: Bus;
  db!: Pool;
  env!: Record<string, string>;
  #backbone?: Backbone;

  async start(more: Record<string, string> = {}): Promise<void> {
    const backbone = (this.#backbone = await Backbone.start());
    await backbone.settings((appId) => this.settings.get(appId) ?? {});
    this.env = { ...backbone.env, PARLEY_FILE_FOLDER: this.files, PARLEY_FILE_SWEEP_SECONDS: '1', ...more };
    this.files = this.env['PARLEY_FILE_FOLDER']!;
    this.service = await backbone.service(fileService, this.env);
    this.rpc = backbone.client(file.FileServiceClient, this.service);
    this.db = backbone.database.pool('file');
    this.bus = backbone.bus;
  }

  async stop(): Promise<void> {
    await this.#backbone?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Each test has an app of its own. */
  nextApp(): void {
    this.appId++;
  }

  get tenant(): Tenant {
    return tenantOf(this.appId);
  }

  async call(method: string, path: string, headers: Record<string, string> = {}, body?: FormData): Promise<Answered> {
    const answer = await fetch(`http://${this.service.httpAddress}${path}`, { method, headers: { 'x-parley-tenant': JSON.stringify(this.tenant), ...headers }, body });
    const content = Buffer.from(await answer.arrayBuffer());
    const json = answer.headers.get('content-type') === 'application/json';
    return { status: answer.status, headers: answer.headers, content, body: json ? JSON.parse(content.toString()) : undefined };
  }

  upload(content: Uint8Array, headers: Record<string, string> = {}, name?: string): Promise<Answered> {
    return this.call('POST', '/files', headers, form(content, name));
  }

  async uploaded(content: Uint8Array, headers: Record<string, string> = {}, name?: string): Promise<{ uuid: string; shareSecret: string; contentType: string }> {
    const { status, body } = await this.upload(content, headers, name);
    if (status !== 200) throw new Error(`not uploaded: ${JSON.stringify(body)}`);
    return body as never;
  }

  download(uuid: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answered> {
    return this.call(method, `/files/${uuid}`, { 'x-parley-reader': 'app', ...headers });
  }

  /** What is stored for this app, and what was not finished. */
  stored(): { kept: string[]; unfinished: string[] } {
    const below = (path: string) =>
      existsSync(path) ? readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => one.name) : [];
    return { kept: below(join(this.files, String(this.appId))), unfinished: below(join(this.files, 'unfinished')) };
  }

  /** No byte of this app, and no note of one. */
  async leavesNothing(): Promise<void> {
    await holds(async () => {
      const { rowCount } = await this.db.query('SELECT FROM stray_blob WHERE app_id = $1', [this.appId]);
      const found = { ...this.stored(), notes: rowCount };
      if (found.kept.length + found.unfinished.length + rowCount! > 0) throw new Error(`left behind: ${JSON.stringify(found)}`);
    });
  }

  async usage(): Promise<{ files: number; bytes: number }> {
    const { files, bytes } = await this.rpc.getUsage({ tenant: this.tenant });
    return { files: Number(files), bytes: Number(bytes) };
  }

  /** Sends bytes as they are, and reads what comes back. @param cutAfterMs then the connection is cut */
  raw(text: string | Buffer, cutAfterMs?: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const [host, port] = this.service.httpAddress.split(':');
      const socket = connect(Number(port), host!, () => {
        socket.write(text);
        if (cutAfterMs !== undefined) setTimeout(() => socket.destroy(), cutAfterMs);
      });
      let received = '';
      socket.on('data', (data) => (received += data.toString()));
      socket.on('close', () => resolve(received)).on('error', reject);
    });
  }
}
