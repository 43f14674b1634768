import { adminAccess, appAdmin, certificates, organisations, registrations } from '@parley/contracts';
import { rpcClient, type RpcClient } from '@parley/rpc';

/** The doors of the auth service for administration. */
export class AdminClients {
  readonly access: RpcClient<typeof adminAccess.AdminAccessServiceService>;
  readonly organisations: RpcClient<typeof organisations.OrganisationServiceService>;
  readonly apps: RpcClient<typeof appAdmin.AppAdminServiceService>;
  readonly certificates: RpcClient<typeof certificates.CertificateServiceService>;
  readonly registrations: RpcClient<typeof registrations.RegistrationServiceService>;

  constructor(authRpc: string) {
    this.access = rpcClient(adminAccess.AdminAccessServiceClient, authRpc);
    this.organisations = rpcClient(organisations.OrganisationServiceClient, authRpc);
    this.apps = rpcClient(appAdmin.AppAdminServiceClient, authRpc);
    this.certificates = rpcClient(certificates.CertificateServiceClient, authRpc);
    this.registrations = rpcClient(registrations.RegistrationServiceClient, authRpc);
  }

  close(): void {
    for (const client of [this.access, this.organisations, this.apps, this.certificates, this.registrations]) client.close();
  }
}
