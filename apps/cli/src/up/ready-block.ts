import type { Endpoints } from './endpoints.js';

export interface ReadyFacts {
  endpoints: Endpoints;
  users: Readonly<Record<string, string>>;
  /** Shown when the password was made now: never again. */
  operator: { login: string; password: string; show: boolean };
  home: string;
  /** From the command to now. */
  startedInMs: number;
}

/** What is printed once a message could be sent. The commands in it work as they stand. */
export function readyBlock({ endpoints: at, users, operator, home, startedInMs }: ReadyFacts): string {
  const base = `${at.restUrl}/${at.org}/${at.app}`;
  const [first, second] = Object.entries(users) as [[string, string], [string, string]];
  const grant = JSON.stringify({ grant_type: 'client_credentials', client_id: at.clientId, client_secret: at.clientSecret });
  const message = JSON.stringify({ from: first[0], to: [second[0]], type: 'txt', body: { msg: 'Hello from curl' } });
  const json = "-H 'Content-Type: application/json'";
  const takeToken = `sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'`;
  return `
Parley is ready (${(startedInMs / 1000).toFixed(1)} s)

  Demo page      ${at.demoUrl}
  REST API       ${at.restUrl}        OpenAPI: ${at.restUrl}/openapi.json
  Gateway        ${at.gatewayUrls.join('\n                 ')}
  AppKey         ${at.appKey}
  Client id      ${at.clientId}
  Client secret  ${at.clientSecret}
  Demo users     ${first[0]} / ${first[1]}    ${second[0]} / ${second[1]}
  Operator       ${operator.login}${operator.show ? ` / ${operator.password}    (shown once; kept in ${home}/operator.json)` : ` (password in ${home}/operator.json)`}
  Data and logs  ${home}

An app token, and a message from ${first[0]} to ${second[0]}:

curl -s ${json} -d '${grant}' ${base}/token

curl -s ${json} -H "Authorization: Bearer $(curl -s ${json} -d '${grant}' ${base}/token | ${takeToken})" -d '${message}' ${base}/messages/users

The official SDK (agora-chat or easemob-websdk):

  import AgoraChat from 'agora-chat';
  const chat = new AgoraChat.connection({ appKey: '${at.appKey}', isHttpDNS: false, url: '${at.gatewayUrl}', apiUrl: '${at.restUrl}' });
  chat.addEventHandler('demo', { onTextMessage: (message) => console.log(message.from, message.msg) });
  await chat.open({ user: '${first[0]}', pwd: '${first[1]}' });
  await chat.send(AgoraChat.message.create({ type: 'txt', chatType: 'singleChat', to: '${second[0]}', msg: 'Hello' }));

Ctrl-C stops everything.
`;
}
