import { Injectable } from '@nestjs/common';
import type { file } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { ChatfileStore } from './chatfile/chatfile.store.js';
import { FileLimitsOf } from './chatfile/file-limits.js';
import { tenantOf } from './chatfile/tenant.guard.js';
import { LifetimeService } from './lifetime/lifetime.service.js';
import { PartUploadService } from './part-upload/part-upload.service.js';

/** Which behaviour answers which call of FileService. */
@Injectable()
export class FileRpc {
  constructor(
    private readonly parts: PartUploadService,
    private readonly lifetimes: LifetimeService,
    private readonly files: ChatfileStore,
    private readonly limits: FileLimitsOf,
  ) {}

  methods(): RpcImplementation<typeof file.FileServiceService> {
    return {
      startPartUpload: async (q) => this.parts.start(tenantOf(q), q.uploader),
      completePartUpload: async (q) => {
        const uploaded = await this.parts.complete(tenantOf(q), q);
        return { ...uploaded, sizeBytes: BigInt(uploaded.sizeBytes) };
      },
      abortPartUpload: async (q) => {
        await this.parts.abort(tenantOf(q), q.uploadId, q.uploader);
        return {};
      },
      setLifetime: async (q) => ({ done: await this.lifetimes.set(tenantOf(q), q.lifetime, q.uuids) }),
      getUsage: async (q) => {
        const tenant = tenantOf(q);
        const [usage, { quotaBytes }] = await Promise.all([this.files.usage(tenant), this.limits.of(tenant)]);
        return { ...usage, quotaBytes: BigInt(quotaBytes) };
      },
    };
  }
}
