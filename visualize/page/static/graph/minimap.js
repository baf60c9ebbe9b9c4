// The whole drawing in a corner, and the part of it that is on the screen.

import { el, svg } from "../dom.js";

const [WIDTH, HEIGHT] = [170, 120];

export function minimap(bench) {
  const dots = svg("g");
  const view = svg("rect", { class: "view" });
  const picture = svg("svg", { width: WIDTH, height: HEIGHT, "aria-hidden": "true" }, dots, view);
  const element = el("div", { class: "minimap" }, picture);
  let scale = 1;
  const go = (event) => {
    if (!event.buttons) return;
    const box = picture.getBoundingClientRect();
    const { camera } = bench;
    const [w, h] = camera.size;
    const [x, y] = [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
    camera.set(w / 2 - x * camera.scale, h / 2 - y * camera.scale, camera.scale);
  };
  picture.addEventListener("pointerdown", go);
  picture.addEventListener("pointermove", go);

  function draw(scene) {
    scale = Math.min(WIDTH / Math.max(scene.width, 1), HEIGHT / Math.max(scene.height, 1));
    picture.setAttribute("width", Math.max(24, scene.width * scale));
    picture.setAttribute("height", Math.max(24, scene.height * scale));
    const path = (open) => scene.boxes.filter((box) => box.open === open).map(({ x, y, w, h }) => `M${(x * scale).toFixed(1)},${(y * scale).toFixed(1)}h${(w * scale).toFixed(1)}v${(h * scale).toFixed(1)}h${(-w * scale).toFixed(1)}z`).join("");
    dots.replaceChildren(svg("path", { class: "map-frames", d: path(true) }), svg("path", { class: "map-boxes", d: path(false) }));
    moved();
  }

  function moved() {
    const { camera, scene } = bench;
    if (!scene) return;
    const [w, h] = camera.size;
    const rect = { x: (-camera.x / camera.scale) * scale, y: (-camera.y / camera.scale) * scale, width: (w / camera.scale) * scale, height: (h / camera.scale) * scale };
    for (const [name, value] of Object.entries(rect)) view.setAttribute(name, value);
    // At the side where the drawing goes on a shadow lies, also where there is no room for the map.
    const beyond = { left: camera.x < -1, right: camera.x + scene.width * camera.scale > w + 1 };
    for (const side in beyond) element.parentNode.style.setProperty(`--${side}`, Number(beyond[side]));
    const whole = camera.x >= 0 && camera.y >= 0 && camera.x + scene.width * camera.scale <= w && camera.y + scene.height * camera.scale <= h;
    element.classList.toggle("whole", whole);
    if (whole) return;
    const [place, boxes] = corner(camera, scene, w, h);
    element.dataset.corner = place;
    element.classList.toggle("over", boxes > 0);
  }

  // The corner in which it covers the fewest boxes, and how many: the first of those that cover as few.
  function corner({ x, y, scale: zoom }, { boxes }, w, h) {
    const [wide, high] = [Number(picture.getAttribute("width")) + 24, Number(picture.getAttribute("height")) + 24];
    const covered = { "bottom right": 0, "top right": 0, "bottom left": 0, "top left": 0 };
    for (const box of boxes) {
      if (box.open) continue;
      const [left, top] = [x + box.x * zoom, y + box.y * zoom];
      const [right, bottom] = [left + box.w * zoom, top + box.h * zoom];
      for (const name in covered) {
        const across = name.endsWith("left") ? left < wide && right > 0 : right > w - wide && left < w;
        const along = name.startsWith("top") ? top < high && bottom > 0 : bottom > h - high && top < h;
        if (across && along) covered[name] += 1;
      }
    }
    const best = Object.keys(covered).reduce((a, b) => (covered[b] < covered[a] ? b : a));
    return [best, covered[best]];
  }

  return { element, draw, moved };
}
