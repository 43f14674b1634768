import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AdminApi, eventually, givenApp, givenUser, operatorUnderTest, type Platform, platformUnderTest, type RestAnswer, SdkDevice } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';

jest.setTimeout(60_000);
const text = (to: string, msg: string) => ({ type: 'txt', chatType: 'singleChat', to, msg });

describe('what an app has switched off or bounded', () => {
  let operator: AdminApi;
  let own: Platform;
  const devices: SdkDevice[] = [];
  beforeAll(async () => {
    const platform = platformUnderTest();
    operator = await AdminApi.signIn(platform.endpoints.restUrl, operatorUnderTest());
    own = await givenApp(platform);
  }, 60_000);
  afterEach(async () => {
    for (const device of devices.splice(0)) await device.stop();
  });
  const settings = async (body: Record<string, unknown>) => {
    const { org, app } = own.endpoints;
    expect(await operator.call('PUT', `/orgs/${org}/apps/${app}/settings`, body)).toMatchObject({ status: 200 });
  };
  const refusal = (attempt: () => Promise<unknown>, type: number) =>
    eventually(() => attempt().then(() => false, (error: { type?: number }) => error.type === type), { what: `refusal ${type}` });

  it('is refused in the words that the SDK knows, and works again when the app wants it', async () => {
    const [alice, bob] = [await givenUser(own, 'alice'), await givenUser(own, 'bob')];
    const from = await SdkDevice.create(own);
    devices.push(from);
    await from.open({ user: alice.username, pwd: alice.password });
    const recall = async () => from.call('recallMessage', { mid: await from.sendText(bob.username, 'back!'), to: bob.username, chatType: 'singleChat' });
    const edit = async () => from.modify(await from.sendText(bob.username, 'teh'), text(bob.username, 'the'));
    const react = async () => from.call('addReaction', { messageId: await from.sendText(bob.username, 'nice'), reaction: 'ok' });
    await Promise.all([recall(), edit(), react()]);

    await settings({ recallWindowSeconds: 0, editEnabled: false, reactionsEnabled: false });
    await refusal(recall, 504);
    await refusal(edit, 505);
    await refusal(react, 505);
    await settings({ recallEnabled: false });
    await refusal(recall, 505);

    await settings({ recallEnabled: true, recallWindowSeconds: 120, editEnabled: true, reactionsEnabled: true });
    for (const works of [recall, edit, react]) await eventually(() => works().then(() => true, () => false));
    proves('Send errors', '504 exceed recall time limit', '505 message recall disabled', '505 edit is not available');
  });

  it('is refused over REST, each with its own words', async () => {
    const [alice, bob] = [await givenUser(own, 'alice'), await givenUser(own, 'bob')];
    const { rest } = own;
    const send = async () => {
      const sent = await rest.call('POST', '/messages/users', { body: { from: alice.username, to: [bob.username], type: 'txt', body: { msg: 'x' } } });
      return sent.body.data[bob.username] as string;
    };
    const id = await send();
    // Another message each time: what is recalled before the setting counts is gone.
    const recall = async () => rest.call('POST', '/messages/msg_recall', { body: { msg_id: await send(), to: bob.username, chat_type: 'chat', force: false } });
    const edit = () => rest.call('PUT', `/messages/rewrite/${id}`, { body: { user: alice.username, new_msg: { type: 'txt', msg: 'y' } } });
    const reactions = `/reaction/user/${bob.username}`;
    const history = { body: { queue: `${alice.username}@easemob.com` } };
    const off = async (call: () => Promise<RestAnswer>, status: number, error: string, description: string) => {
      await eventually(async () => (await call()).status === status, { withinMs: 10_000, what: description });
      expectError(await call(), status, error, description);
    };

    await settings({ recallWindowSeconds: 0, editEnabled: false, reactionsEnabled: false, historyEnabled: false });
    await off(recall, 403, 'message_recall_error', 'exceed recall time limit');
    await off(edit, 403, 'message_rewrite_error', 'The rewrite message feature is not open.');
    const notOpen = 'this appKey is not open reaction service!';
    await off(() => rest.call('POST', reactions, { body: { msgId: id, message: 'ok' } }), 400, 'Bad Request', notOpen);
    await off(() => rest.call('GET', `${reactions}?msgIdList=${id}&msgType=chat`), 400, 'Bad Request', notOpen);
    await off(() => rest.call('GET', `${reactions}/detail?msgId=${id}&message=ok`), 400, 'Bad Request', notOpen);
    await off(() => rest.call('DELETE', `${reactions}?msgId=${id}&message=ok`), 400, 'Bad Request', notOpen);
    await off(() => rest.call('POST', `/users/${bob.username}/messageroaming`, history), 403, 'forbidden_op', 'messageroaming function not open');
    const clear = () => rest.call('POST', `/rest/message/roaming/user/${bob.username}/delete/all`);
    await off(clear, 400, 'service open exception', 'this appKey not open message roaming');
    await settings({ recallEnabled: false });
    await off(recall, 403, 'forbidden_op', 'message recall service is unopened');

    await settings({ recallEnabled: true, recallWindowSeconds: 120, editEnabled: true, reactionsEnabled: true, historyEnabled: true });
    for (const works of [edit, clear, recall]) await eventually(async () => (await works()).status === 200, { withinMs: 10_000 });
  });

  it('of two edits at the same moment one gives way', async () => {
    const [alice, bob] = [await givenUser(own, 'alice'), await givenUser(own, 'bob')];
    const from = await SdkDevice.create(own);
    devices.push(from);
    await from.open({ user: alice.username, pwd: alice.password });
    await eventually(
      async () => {
        const id = await from.sendText(bob.username, 'first');
        const edits = await Promise.allSettled(['second', 'third', 'fourth'].map((msg) => from.modify(id, text(bob.username, msg))));
        const lost = edits.filter((one): one is PromiseRejectedResult => one.status === 'rejected');
        for (const { reason } of lost) expect(reason).toMatchObject({ type: 1304 });
        expect(lost.length).toBeLessThan(3);
        return lost.length > 0;
      },
      { what: 'an edit in the way of another' },
    );
    proves('Send errors', '1304 edit fail');
  });
});
