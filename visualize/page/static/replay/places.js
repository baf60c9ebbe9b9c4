// Where on the page a step is drawn: the op itself, in a function's body at the call site that its
// frame names; of a call or loop that the runtime took apart, whose ops have other names, the op
// of the body that its name tells, or the call.

// What the runtime puts before the names of a loop's or a condition's ops, and which of the
// functions that the op calls it stands for: they are in the order of their attributes.
const BRANCHES = { body: 0, cond: 1, else: 0, then: 1 };

// The item of a step by its op's name and its frame; null where nothing on the page stands for it.
// An op that is drawn as an icon is its own item here, and no box.
export function placeOf(items, name, frame) {
  let place = items.home;
  for (const call of frame.split(" > ")) {
    const i = place.body.index.get(call) ?? place.body.index.get(call.replace(/:[^:]*$/, ""));
    if (i === undefined) continue;
    const every = items.functions(items.of(place, i));
    const own = every[branchOf(call)]; // its ops may have names that others' ops have
    const roots = own ? [own, ...every] : every;
    const has = (each) => roots.find(({ body }) => body.index.has(each));
    const root = has(name) || has(unnumbered(name)) || roots[0];
    if (root) ({ place } = root);
  }
  return within(items, place, name);
}

// Which function of a call a frame is of: "while:2 cond" is of its condition, "cond:then" of a branch.
function branchOf(frame) {
  const [, turn, word, number] = /:(?:(\d+)|(?:\d+ )?(cond|then|else)|branch (\d+))$/.exec(frame) || [];
  return turn ? BRANCHES.body : word ? BRANCHES[word] : number && Number(number);
}

// An op that gives a result of a function may have the result's name when it runs: add_0 for add:0.
export function unnumbered(name) {
  return name.replace(/_\d+$/, "");
}

function within(items, place, name) {
  const i = place.body.index.get(name) ?? (place.at ? place.body.index.get(unnumbered(name)) : undefined);
  if (i !== undefined) return items.of(place, i);
  const call = callAbove(items, place, name);
  if (!call) return null;
  const roots = items.functions(call);
  const inner = name.slice(place.body.name[call.id].length + 1);
  const [, branch, rest] = /^(body|cond|then|else)\/_\d+\/(.*)$/s.exec(inner) || [inner, "", inner];
  const root = roots[BRANCHES[branch] || 0];
  return (root && within(items, root.place, rest)) || call;
}

// The nearest call in whose scope a name is.
function callAbove(items, place, name) {
  for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
    const i = place.body.index.get(name.slice(0, end));
    if (i !== undefined && place.body.calls(i).length) return items.of(place, i);
  }
  return null;
}
