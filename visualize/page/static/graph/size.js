// How large a box must be for its text, without asking the page for a layout.

const pen = document.createElement("canvas").getContext("2d");
const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';
const widths = new Map();

export const FONTS = {
  title: `600 12.5px ${FAMILY}`,
  small: `400 10.5px ${FAMILY}`,
};

export function textWidth(text, font) {
  const key = `${font} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    pen.font = FONTS[font];
    width = pen.measureText(text).width;
    if (widths.size > 20000) widths.clear();
    widths.set(key, width);
  }
  return width;
}
