// Zoom and pan: wheel, drag, pinch and keys move one transform.

const LEAST = 0.02;
const MOST = 4;
const READ = 0.62; // the scale at which names are read with ease
const TOP = 24; // pixels above a drawing of which the upper part is seen
const SOME = 4; // boxes of an opened group, from which one reads on
const MORE = 1.1; // so many times as many boxes, and what has them is seen instead of the middle
export const LEGIBLE = 0.55; // and below which they cannot be read

export class Camera {
  constructor(drawing, moved) {
    this.drawing = drawing;
    this.svg = drawing.svg;
    this.moved = moved;
    [this.x, this.y, this.scale] = [0, 0, 1];
    this.pointers = new Map();
    this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, (event) => this.up(event));
  }

  get size() {
    return [this.svg.clientWidth || 800, this.svg.clientHeight || 600];
  }

  apply() {
    this.drawing.camera.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.svg.classList.toggle("far", this.scale < 0.45);
    this.moved();
  }

  set(x, y, scale) {
    [this.x, this.y, this.scale] = [x, y, Math.min(MOST, Math.max(LEAST, scale))];
    this.apply();
  }

  zoom(factor, cx = this.size[0] / 2, cy = this.size[1] / 2) {
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    const by = scale / this.scale;
    this.set(cx - (cx - this.x) * by, cy - (cy - this.y) * by, scale);
  }

  pan(dx, dy) {
    this.set(this.x + dx, this.y + dy, this.scale);
  }

  fit(rect, most = 1.15) {
    const [w, h] = this.size;
    const margin = Math.min(28, w / 20);
    const scale = Math.min(most, (w - 2 * margin) / Math.max(rect.w, 1), (h - 2 * margin) / Math.max(rect.h, 1));
    this.set(w / 2 - (rect.x + rect.w / 2) * scale, h / 2 - (rect.y + rect.h / 2) * scale, scale);
  }

  // The whole drawing, or where that is too small to be read, its upper part, and of that the middle
  // or, where there is little, what has most of the boxes.
  open(rect, boxes = []) {
    this.fit(rect);
    const scale = Math.max(LEGIBLE, Math.min(READ, this.across(rect)));
    if (this.scale < scale) this.set(this.size[0] / 2 - this.fullest(rect, boxes, scale) * scale, TOP - rect.y * scale, scale);
  }

  // The x that stands in the middle then.
  fullest(rect, boxes, scale) {
    const [w, h] = this.size.map((length) => length / scale);
    const inside = ({ x, y, w: wide, h: high }) => x >= rect.x && x + wide <= rect.x + rect.w && y >= rect.y && y + high <= rect.y + h - TOP / scale;
    const upper = boxes.filter((box) => !box.open && inside(box));
    const whole = (middle) => upper.filter((box) => Math.abs(box.x + box.w / 2 - middle) <= (w - box.w) / 2).length;
    const share = (box, from, to) => Math.max(0, Math.min(box.x + box.w, to) - Math.max(box.x, from)) / box.w;
    const shares = (middle) => upper.reduce((sum, box) => sum + share(box, middle - w / 2, middle + w / 2), 0);
    const middle = rect.x + rect.w / 2;
    let best = middle;
    const beside = w / 2 - TOP / scale; // so near to either end
    for (let x = rect.x + beside; x <= rect.x + rect.w - beside; x += w / 8) if (whole(x) > whole(best)) best = x;
    return shares(best) > MORE * shares(middle) ? best : middle; // by columns, whole boxes come and go
  }

  // At what scale a rectangle is as wide as what is seen.
  across(rect) {
    return (this.size[0] - 40) / Math.max(rect.w, 1);
  }

  // Bring several boxes into view together; where they would be smaller than `least`, the topmost.
  around(boxes, least = 0) {
    const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
    const rect = { x, y, w: Math.max(...boxes.map((box) => box.x + box.w)) - x, h: Math.max(...boxes.map((box) => box.y + box.h)) - y };
    this.fit(rect, 1);
    if (this.scale >= least) return;
    const first = boxes.reduce((a, b) => (b.y < a.y ? b : a));
    this.set(this.size[0] / 2 - (first.x + first.w / 2) * least, 60 - first.y * least, least);
  }

  // A group that was opened stays where it was, if some of what is in it is seen there; or else it
  // is brought into view, no larger than it was, and of one that is too large to be read the top.
  unfolded(rect, boxes) {
    const [w, h] = this.size;
    const within = (box, { x, y, w: wide, h: high }) => box.x >= x && box.x + box.w <= x + wide && box.y >= y && box.y + box.h <= y + high;
    const inside = boxes.filter((box) => !box.open && within(box, rect));
    const view = { x: -this.x / this.scale, y: -this.y / this.scale, w: w / this.scale, h: h / this.scale };
    if (inside.filter((box) => within(box, view)).length >= Math.min(SOME, inside.length / 2)) return;
    const whole = Math.min((w - 2 * TOP) / rect.w, (h - 2 * TOP) / rect.h);
    const scale = Math.min(this.scale, Math.max(whole, LEGIBLE));
    const middle = whole < scale ? this.fullest(rect, boxes, scale) : rect.x + rect.w / 2;
    const top = whole < scale ? TOP : (h - rect.h * scale) / 2;
    this.set(w / 2 - middle * scale, top - rect.y * scale, scale);
  }

  // Bring a box into view, moving no more than needed.
  reveal(rect) {
    const [w, h] = this.size;
    if (this.scale < 0.5) {
      this.scale = 0.9;
      this.set(w / 2 - (rect.x + rect.w / 2) * 0.9, h / 2 - (rect.y + Math.min(rect.h, h) / 2) * 0.9, 0.9);
      return;
    }
    const margin = 30;
    const [left, top] = [rect.x * this.scale + this.x, rect.y * this.scale + this.y];
    const [right, bottom] = [left + rect.w * this.scale, top + rect.h * this.scale];
    let [dx, dy] = [0, 0];
    if (left < margin) dx = margin - left;
    else if (right > w - margin) dx = Math.max(w - margin - right, margin - left);
    if (top < margin) dy = margin - top;
    else if (bottom > h - margin) dy = Math.max(h - margin - bottom, margin - top);
    if (dx || dy) this.pan(dx, dy);
  }

  wheel(event) {
    event.preventDefault();
    const box = this.svg.getBoundingClientRect();
    const step = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    if (event.shiftKey) this.pan(-step, 0);
    else this.zoom(Math.exp(-step * 0.0016), event.clientX - box.left, event.clientY - box.top);
  }

  down(event) {
    if (event.button > 0) return;
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.travelled = 0;
  }

  move(event) {
    const was = this.pointers.get(event.pointerId);
    if (!was) return;
    const now = [event.clientX, event.clientY];
    const [dx, dy] = [now[0] - was[0], now[1] - was[1]];
    this.travelled += Math.abs(dx) + Math.abs(dy);
    if (this.travelled < 4) return;
    if (!this.svg.hasPointerCapture(event.pointerId)) this.svg.setPointerCapture(event.pointerId);
    this.svg.classList.add("dragging");
    if (this.pointers.size === 1) this.pan(dx, dy);
    else {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const box = this.svg.getBoundingClientRect();
      const far = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      this.zoom(far(now) / far(was), (now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top);
    }
    this.pointers.set(event.pointerId, now);
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    this.svg.classList.remove("dragging");
  }

  // Whether the click that just ended was the end of a drag.
  get dragged() {
    return this.travelled >= 4;
  }
}
