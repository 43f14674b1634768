export { RevocationFeed, type RevocationListener } from './revocation.feed.js';
export { EpochDirectory, type Holder } from './epoch.directory.js';
