// Which op runs next? A reader guesses by a click before the step is shown.

import { middle } from "../words.js";

// `course()` is the run that is shown, null where there is none; `say` shows what came of a guess.
export function predictions(app, bench, course, say) {
  // Whether the click on a box was a guess, which is then answered by the step itself.
  bench.onPicked((item) => {
    const next = app.state.at + 1;
    if (!app.state.predict || !course() || next >= course().count) return false;
    const box = (s) => bench.shown(course().item(s));
    const [guess, right] = [bench.scene.byKey.get(item.key), box(next)];
    const name = middle(app.run.nodes[app.run.node[next]], 40);
    const could = course().ready(app.state.at).some((s) => box(s) === guess);
    app.change({ at: next });
    say(guess === right ? `right: ${name}` : could ? `it could have run; this time ${name} did` : `not that one, not now: it was ${name}`, guess === right);
    return true;
  });
}
