// Which group of one graph is which of the other: the smallest that holds most of its partners.

const MOST_ASKED = 400; // nodes of a group; more would say the same
const MOST_OF = 0.6;

// The group of the other side that is this one; null where there is none but the whole graph.
export function groupPartner(match, sides, n, item) {
  const { body, id, place } = item;
  const [mine, theirs] = [sides[n].app.items(), sides[1 - n].app.items()];
  if (item === mine.root) return theirs.root;
  const votes = new Map();
  let asked = 0;
  for (const i of [...body.inside(id)].slice(0, MOST_ASKED)) {
    if (body.host[i] >= 0) continue;
    const found = match.partner(n, mine.of(place, i));
    if (!found || found.graph !== sides[1 - n].app.state.graph) continue;
    asked += 1;
    for (let up = theirs.parent(found.item); up; up = theirs.parent(up)) votes.set(up, (votes.get(up) || 0) + 1);
  }
  const enough = [...votes].filter(([group, many]) => many >= MOST_OF * asked && group !== theirs.root && group.body.isGroup(group.id));
  const named = enough.find(([group]) => theirs.fullName(group) === mine.fullName(item));
  if (named) return named[0];
  const [best] = enough.sort((a, b) => a[0].body.size(a[0].id) - b[0].body.size(b[0].id));
  return best && best[0].body.size(best[0].id) <= 4 * body.size(id) + 8 ? best[0] : null;
}
