/**
 * Why the gateway ends a session, as a WebSocket close code. The range tells the client what to do: 40xx come back
 * (after a pause of its own choosing), 41xx log in anew, 42xx stop.
 */
export const Disconnect = {
  goingAway: { code: 4000, reason: 'server is going away' },
  overloaded: { code: 4001, reason: 'overloaded, come back later' },
  slowConsumer: { code: 4002, reason: 'reads too slowly' },
  unavailable: { code: 4003, reason: 'temporarily unavailable' },
  loginTimeout: { code: 4100, reason: 'no login in time' },
  loginRefused: { code: 4101, reason: 'login refused' },
  loginRequired: { code: 4102, reason: 'log in first' },
  loggedOut: { code: 4103, reason: 'logged out' },
  malformed: { code: 4200, reason: 'malformed frame' },
  unknownCommand: { code: 4201, reason: 'unknown command' },
  secondLogin: { code: 4202, reason: 'already logged in' },
  kicked: { code: 4203, reason: 'session ended by the server' },
} as const;
export type Disconnect = (typeof Disconnect)[keyof typeof Disconnect];
