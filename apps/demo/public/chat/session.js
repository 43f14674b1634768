// The official SDK, as any application uses it.
const SDK = window.WebIM;
SDK.logger.disableAll();

const ENDINGS = {
  206: 'You signed in on another device.',
  207: 'This user was removed.',
  216: 'The password was changed. Sign in again.',
  217: 'You were signed out by an administrator or another device.',
};
const REFUSALS = { 1: 'User or password is wrong.', 17: 'The server could not be reached.', 28: 'The token is not valid.', 204: 'There is no such user.' };
const TYPING = 'typing';

/** One login of one person. `tell` gets: state, ended, text, typing, progress, allRead. */
export class ChatSession {
  #connection;
  #isOpen = false;
  #ending;

  constructor(config, { user, peer, side }, tell) {
    this.user = user;
    this.peer = peer;
    this.#connection = new SDK.connection({
      appKey: config.appKey,
      isHttpDNS: false,
      https: location.protocol === 'https:',
      url: config.gatewayUrl,
      apiUrl: config.restUrl,
      delivery: true,
      deviceId: deviceId(side),
    });
    this.#connection.addEventHandler('pane', this.#handlers(tell));
  }

  /** @throws Error with a text for people */
  async open(password) {
    try {
      await this.#connection.open({ user: this.user, pwd: password });
      this.#isOpen = true;
    } catch (error) {
      throw new Error(REFUSALS[error.type] ?? `Signing in failed: ${error.message ?? 'the server could not be reached'}`, { cause: error });
    }
  }

  /** Resolves when the message is stored. */
  async sendText(text) {
    const { serverMsgId, message } = await this.#send({ type: 'txt', msg: text });
    return { id: serverMsgId, atMs: Number(message?.time) || Date.now() };
  }

  /** An indication that may get lost: nobody waits for it, and it is not kept for later. */
  sendTyping() {
    this.#send({ type: 'cmd', action: TYPING, deliverOnlineOnly: true }).catch(() => undefined);
  }

  sendRead(id) {
    this.#send({ type: 'read', id }).catch(() => undefined);
  }

  close() {
    this.#isOpen = false;
    this.#connection.removeEventHandler('pane');
    this.#connection.close();
  }

  #send(content) {
    return this.#connection.send(SDK.message.create({ chatType: 'singleChat', to: this.peer, ...content }));
  }

  #handlers(tell) {
    return {
      onConnected: () => tell.state('online'),
      onReconnecting: () => tell.state('reconnecting'),
      onError: (error) => {
        if (ENDINGS[error.type]) this.#ending = ENDINGS[error.type];
      },
      onDisconnected: () => {
        if (this.#isOpen) tell.ended(this.#ending ?? 'The connection was lost. Sign in again.');
      },
      onTextMessage: ({ id, from, to, msg, time }) => {
        const isMine = from === this.user;
        if ((isMine ? to : from) !== this.peer) return;
        tell.text({ id, isMine, text: msg, atMs: Number(time) });
      },
      onCmdMessage: ({ from, action }) => {
        if (from === this.peer && action === TYPING) tell.typing();
      },
      onDeliveredMessage: ({ mid }) => tell.progress(mid, 'delivered'),
      onReadMessage: ({ mid }) => tell.progress(mid, 'read'),
      onChannelMessage: ({ from }) => {
        if (from === this.peer) tell.allRead();
      },
    };
  }
}

/** A tab and side keep their device, so that a reload continues where it was and two tabs do not displace each other. */
function deviceId(side) {
  const key = `parley-demo-device-${side}`;
  const kept = sessionStorage.getItem(key) ?? `demo${crypto.getRandomValues(new Uint32Array(2)).join('')}`;
  sessionStorage.setItem(key, kept);
  return kept;
}
