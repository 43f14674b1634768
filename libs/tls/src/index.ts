export { CertificateFiles, type CertificatePaths, type Pem } from './certificate.files.js';
export { checkTransport, tlsConfig, type TlsConfig, type Transport, trustedProxies } from './config.js';
export { addressOf, TrustedAddresses } from './trusted.addresses.js';
