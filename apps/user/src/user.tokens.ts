/** Injection token of the service's own configuration section. */
export const USER_CONFIG = Symbol('user configuration');
