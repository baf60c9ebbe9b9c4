// Two drawings that move together: where both have a part, it stays at one place in both.

const NEAR = 60; // of the drawing: boxes as far from the middle of the screen count nearly alike
const CHOSEN = 1000; // how much more the selected box counts than one in the middle
const AROUND = 0.6; // of a screen: how far beside it a box still counts

// partner(n, item): what an item of side n is in the other graph, if it is drawn there.
export function couple(sides, pair, partner) {
  let moving = false;
  const shared = [null, null]; // the boxes that both have, as [box, partner's box], found when drawn

  function boxes(n) {
    const { scene } = sides[n].bench;
    const other = sides[1 - n].bench.scene;
    const known = shared[n];
    if (known && known.scene === scene && known.other === other && known.match === pair.match) return known.found;
    const found = [];
    for (const box of scene.boxes) {
      if (box.open) continue;
      const item = partner(n, box.item);
      const its = item && other.byKey.get(item.key);
      if (its) found.push([box, its]);
    }
    shared[n] = { scene, other, match: pair.match, found };
    return found;
  }

  // Where the middle of one drawing is in the other: as the boxes that both have say, the nearest
  // most, so that nothing jumps. Nothing moves where none of them is on the screen or beside it.
  function follow(n) {
    const [side, other] = [sides[n], sides[1 - n]];
    const { camera } = side.bench;
    if (moving || !pair.ready || !pair.state.coupled || !side.bench.scene || !other.bench.scene) return;
    const [w, h] = camera.size;
    const [cx, cy] = [(w / 2 - camera.x) / camera.scale, (h / 2 - camera.y) / camera.scale];
    const [reachX, reachY] = [((0.5 + AROUND) * w) / camera.scale, ((0.5 + AROUND) * h) / camera.scale];
    let [sum, x, y] = [0, 0, 0];
    for (const [box, its] of boxes(n)) {
      const [px, py] = [box.x + box.w / 2, box.y + box.h / 2];
      const inside = 1 - Math.max(Math.abs(px - cx) / reachX, Math.abs(py - cy) / reachY);
      if (inside <= 0) continue;
      const far = box.item.key === side.app.state.selected ? NEAR ** 2 / CHOSEN ** 0.5 : (px - cx) ** 2 + (py - cy) ** 2 + NEAR ** 2;
      const weight = (inside / far) ** 2;
      sum += weight;
      x += weight * (its.x + its.w / 2 + cx - px);
      y += weight * (its.y + its.h / 2 + cy - py);
    }
    if (!sum) return;
    const to = other.bench.camera;
    const [ow, oh] = to.size;
    moving = true;
    to.set(ow / 2 - (x / sum) * camera.scale, oh / 2 - (y / sum) * camera.scale, camera.scale);
    moving = false;
  }

  sides.forEach((side, n) => side.bench.onMoved(() => follow(n)));
  pair.on("coupled", () => follow(pair.state.active));
  return { follow };
}
