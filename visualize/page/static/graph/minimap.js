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
    const whole = camera.x >= 0 && camera.y >= 0 && camera.x + scene.width * camera.scale <= w && camera.y + scene.height * camera.scale <= h;
    element.classList.toggle("whole", whole);
  }

  return { element, draw, moved };
}
