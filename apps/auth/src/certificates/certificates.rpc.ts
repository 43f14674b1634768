import { Injectable } from '@nestjs/common';
import type { certificates } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { CertificatesService } from './certificates.service.js';

/** CertificateService over gRPC. */
@Injectable()
export class CertificatesRpc {
  constructor(private readonly certificates: CertificatesService) {}

  methods(): RpcImplementation<typeof certificates.CertificateServiceService> {
    return {
      listCertificates: async (q) => this.certificates.list(q),
      createCertificate: async (q) => this.certificates.create(q),
      revokeCertificate: async (q) => this.certificates.revoke(q),
    };
  }
}
