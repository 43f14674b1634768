// One official SDK in a process of its own, driven over IPC: the SDKs keep state per module.
const { flushCompileCache } = require('node:module');
const browser = require('./browser-globals.cjs');

browser.install();
const name = process.argv[2];
const loaded = require(name);
const SDK = loaded.default ?? loaded;
// Node writes it when a process exits, but this one will be killed.
flushCompileCache();
SDK.logger.disableAll();

const EVENTS = [
  'onConnected', 'onDisconnected', 'onReconnecting', 'onError', 'onTokenWillExpire', 'onTokenExpired', 'onOnline', 'onOffline',
  'onOfflineMessageSyncStart', 'onOfflineMessageSyncFinish', 'onStatisticMessage',
  'onTextMessage', 'onImageMessage', 'onAudioMessage', 'onVideoMessage', 'onFileMessage', 'onLocationMessage', 'onCmdMessage',
  'onCustomMessage', 'onCombineMessage', 'onMessage', 'onReceivedMessage', 'onReadMessage', 'onDeliveredMessage', 'onChannelMessage',
  'onRecallMessage', 'onModifiedMessage', 'onMultiDeviceEvent', 'onContactInvited', 'onContactAgreed', 'onContactRefuse',
  'onContactDeleted', 'onContactAdded', 'onGroupEvent', 'onChatroomEvent', 'onChatThreadChange', 'onPresenceStatusChange',
  'onReactionChange', 'onMessagePinEvent', 'onStreamMessage',
];

/** What crosses the process border: plain data only. */
function plain(value) {
  if (value === undefined) return undefined;
  const seen = new WeakSet();
  const text = JSON.stringify(value, (_key, inner) => {
    if (typeof inner === 'bigint') return String(inner);
    if (typeof inner === 'function') return undefined;
    if (inner instanceof Error) return { name: inner.name, message: inner.message, type: inner.type };
    if (typeof inner === 'object' && inner !== null) {
      if (seen.has(inner)) return undefined;
      seen.add(inner);
    }
    return inner;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

function describe(error) {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  return { type: error.type, message: error.message, data: plain(error.data), stack: error.stack };
}

let connection;

/** A file crosses the process border as its name, type and content in base64, or as a size to be filled. */
function withFile(options) {
  if (typeof options.file !== 'object') return options;
  const { name, type, base64, size } = options.file;
  const content = base64 === undefined ? Buffer.alloc(size, 'parley') : Buffer.from(base64, 'base64');
  const data = new File([content], name, { type });
  return { ...options, file: { url: '', filename: name, filetype: type, data } };
}

const commands = {
  create(options) {
    connection = new SDK.connection(options);
    connection.addEventHandler('recorder', Object.fromEntries(EVENTS.map((event) => [event, (data) => process.send({ event, data: plain(data) })])));
  },
  call: (method, args) => connection[method](...args),
  send: (options) => connection.send(SDK.message.create(withFile(options))),
  modify: (messageId, options) => connection.modifyMessage({ messageId, modifiedMessage: SDK.message.create(options) }),
  dropSocket: () => browser.dropSockets(),
  stallSocket: () => browser.stallSockets(),
  loseNetwork() {
    browser.setOffline(true);
    browser.announce('offline');
  },
  regainNetwork() {
    browser.setOffline(false);
    browser.announce('online');
  },
  setOffline(value) {
    browser.setOffline(value);
    if (value) browser.dropSockets();
  },
};

process.on('message', async ({ id, command, args }) => {
  try {
    process.send({ id, value: plain(await commands[command](...args)) });
  } catch (error) {
    process.send({ id, error: describe(error) });
  }
});
// Thrown in the SDK's own handlers: the server answered something that it cannot bear.
for (const kind of ['unhandledRejection', 'uncaughtException']) process.on(kind, (error) => process.send({ broke: describe(error) }));
process.on('disconnect', () => process.exit());
process.send({ ready: true });
