export { RevocationFeed, type RevocationListener } from './revocation.feed.js';
export { EpochDirectory, type Holder } from './epoch.directory.js';
export { refreshKeysOnChange } from './key.refresh.js';
export { exchanging, forgetForeignOnChange } from './foreign.exchange.js';
