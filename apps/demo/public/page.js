// The frame around the panes: each person gets a document of their own, because each needs their own SDK.
const panes = document.getElementById('panes');

try {
  const { users, appKey, restUrl, gatewayUrl } = await (await fetch('config.json')).json();
  for (const [name, value] of Object.entries({ AppKey: appKey, REST: restUrl, Gateway: gatewayUrl })) showFact(name, value);
  // Without demo users both panes ask for a name.
  const [first, second] = [users[0]?.name ?? '', users[1]?.name ?? ''];
  addPane('left', first, second);
  addPane('right', second, first);
} catch {
  const problem = document.getElementById('problem');
  problem.textContent = 'The page could not read its settings. Is Parley still running? Reload the page to try again.';
  problem.hidden = false;
}

function showFact(name, value) {
  const fact = document.createElement('div');
  const term = Object.assign(document.createElement('dt'), { textContent: name });
  const meaning = Object.assign(document.createElement('dd'), { textContent: value });
  fact.append(term, meaning);
  document.getElementById('facts').append(fact);
}

function addPane(side, user, peer) {
  const frame = document.createElement('iframe');
  frame.name = side;
  frame.title = user ? `Chat as ${user}` : `Chat, ${side} side`;
  frame.src = `pane.html?${new URLSearchParams({ side, user, peer })}`;
  panes.append(frame);
}
