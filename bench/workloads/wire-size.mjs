// Bytes on the wire of one text message, both directions of both ends, frame headers included, against the same as
// XMPP stanzas with archive id and receipt request.
import { client } from '@parley/msync';
import { MsyncSession } from '../load/msync-session.mjs';

const TEXT = 'x'.repeat(100);

export async function wireSize(platform) {
  const [alice, bob] = await platform.logins('wire', 2);
  const url = platform.endpoints.gatewayUrl;
  const [sender, receiver] = await Promise.all([MsyncSession.open(url, alice), MsyncSession.open(url, bob)]);
  const payload = client.textBody({ from: alice.user, to: bob.user, text: TEXT });
  const once = () =>
    new Promise((resolve) => {
      let acknowledged = false;
      let delivered = false;
      const check = () => acknowledged && delivered && setTimeout(resolve, 200);
      sender.onAcknowledged = () => ((acknowledged = true), check());
      receiver.onDelivered = () => ((delivered = true), check());
      sender.send(bob.user, payload);
    });
  // The first message of a conversation is read from the store; the second shows the usual path.
  await once();
  const before = [sender, receiver].map(({ socket }) => ({ in: socket.bytesIn, out: socket.bytesOut }));
  await once();
  const [up, answer, down, ack] = [
    sender.socket.bytesOut - before[0].out,
    sender.socket.bytesIn - before[0].in,
    receiver.socket.bytesIn - before[1].in,
    receiver.socket.bytesOut - before[1].out,
  ];
  sender.close();
  receiver.close();
  return { msync: { up, answer, down, ack, total: up + answer + down + ack }, xmpp: xmpp() };
}

/** The same exchange as RFC 6120 stanzas over RFC 7395 WebSocket framing: message with XEP-0184 request, XEP-0198 ack
 *  of the stanza, delivery with a XEP-0359 archive id, and the XEP-0184 receipt to and from the server. */
function xmpp() {
  const id = 'a1b2c3d4-e5f6-4711-8899-aabbccddeeff';
  const frame = (xml) => xml.length + (xml.length < 126 ? 2 : 4);
  const masked = (xml) => frame(xml) + 4;
  const body = `<body>${TEXT}</body><request xmlns='urn:xmpp:receipts'/>`;
  const message = (attributes, content) => `<message xmlns='jabber:client' type='chat' id='${id}' ${attributes}>${content}</message>`;
  const stanzaId = "<stanza-id xmlns='urn:xmpp:sid:0' by='wire1@chat.example' id='1795486730489'/>";
  const receipt = `<received xmlns='urn:xmpp:receipts' id='${id}'/>`;
  const up = masked(message("to='wire1@chat.example'", body)) + masked("<r xmlns='urn:xmpp:sm:3'/>");
  const answer = frame("<a xmlns='urn:xmpp:sm:3' h='1'/>");
  const down = frame(message("from='wire0@chat.example/web' to='wire1@chat.example'", body + stanzaId));
  const ack = masked(message("to='wire0@chat.example/web'", receipt));
  return { up, answer, down, ack, total: up + answer + down + ack };
}
