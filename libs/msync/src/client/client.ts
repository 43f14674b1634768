/** The client's side of the protocol, for load generators and tests. */
export * from './client.encode.js';
export * from './client.decode.js';
