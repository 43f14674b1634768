export { ConfigError, describeSettings, loadConfig, section, type Section, type SectionValues, setting } from './config.js';
export { addressesConfig, hashCostLog2, infrastructureConfig, type AddressesConfig, type InfrastructureConfig } from './sections.js';
