// One person: signs in, shows the conversation with the other one.
import { ChatSession } from './chat/session.js';
import { MessageList } from './chat/message-list.js';
import { TypingHints } from './chat/typing-hints.js';

const find = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const config = await (await fetch('config.json')).json();
let peer = query.get('peer') ?? '';

const STATES = { 'signed-out': 'Signed out', connecting: 'Connecting', online: 'Online', reconnecting: 'Reconnecting' };
const messages = new MessageList(find('messages'));
const typing = new TypingHints({
  tell: () => session?.sendTyping(),
  show: (isTyping) => (find('typing').textContent = isTyping ? `${peer} is typing …` : ''),
});
let session;

document.body.dataset.side = query.get('side') ?? 'left';
introduce(query.get('user') || '');
find('peer-field').hidden = peer !== '';
find('peer-name').required = peer === '';
find('user').value = query.get('user') || '';
find('password').value = config.users.find(({ name }) => name === query.get('user'))?.password ?? '';

find('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  if (!find('peer-field').hidden) peer = find('peer-name').value.trim();
  void signIn(find('user').value.trim(), find('password').value);
});
find('sign-out').addEventListener('click', () => signedOut());
find('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = find('text').value.trim();
  if (!text) return;
  find('text').value = '';
  typing.reset();
  void send(text);
});
find('text').addEventListener('input', () => typing.typed());
document.addEventListener('visibilitychange', () => readAll());
find('sign-in').querySelector('button').disabled = false;

async function signIn(user, password) {
  const button = find('sign-in').querySelector('button');
  button.disabled = true;
  find('notice').hidden = true;
  showState('connecting');
  const opening = new ChatSession(config, { user, peer, side: query.get('side') ?? 'left' }, listeners);
  try {
    await opening.open(password);
    session = opening;
    introduce(user);
    find('sign-in').hidden = true;
    find('chat').hidden = false;
    find('sign-out').hidden = false;
    find('text').focus({ preventScroll: true });
  } catch (error) {
    opening.close();
    signedOut(error.message);
  } finally {
    button.disabled = false;
  }
}

const listeners = {
  state: showState,
  ended: (reason) => signedOut(reason),
  text(message) {
    typing.heardMessage();
    messages.add({ id: message.id, side: message.isMine ? 'mine' : 'theirs', text: message.text, atMs: message.atMs, progress: 'sent' });
    readAll();
  },
  typing: () => typing.heardTyping(),
  progress: (id, progress) => messages.progress(id, progress),
  allRead: () => messages.allRead(),
};

async function send(text) {
  const row = messages.add({ side: 'mine', text, atMs: Date.now(), progress: 'sending' });
  try {
    const { id, atMs } = await session.sendText(text);
    messages.sent(row, id, atMs);
  } catch (error) {
    messages.failed(row, error.message);
  }
}

/** What is on the screen of somebody who looks at it counts as read. */
function readAll() {
  if (document.visibilityState !== 'visible' || !session) return;
  for (const id of messages.takeUnread()) session.sendRead(id);
}

function introduce(user) {
  find('me').textContent = user || 'Not signed in';
  find('avatar').textContent = user.slice(0, 1) || '?';
  find('peer').textContent = peer;
  find('talks-with').hidden = peer === '';
}

function showState(state) {
  find('state').textContent = STATES[state];
  find('state').dataset.state = state;
}

function signedOut(reason) {
  const closing = session;
  session = undefined;
  closing?.close();
  typing.reset();
  showState('signed-out');
  find('chat').hidden = true;
  find('sign-out').hidden = true;
  find('sign-in').hidden = false;
  find('notice').textContent = reason ?? '';
  find('notice').hidden = !reason;
}
