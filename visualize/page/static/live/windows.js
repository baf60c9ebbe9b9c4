// Ops that lay a window over pictures, [rows, height, width, channels].

import { made } from "./arrays.js";

// Along one axis: how many windows there are, and how far the first begins before the picture.
function along(size, window, stride, dilation, padding) {
  const span = (window - 1) * dilation + 1;
  if (padding === "VALID") return [Math.max(0, Math.ceil((size - span + 1) / stride)), 0];
  if (padding !== "SAME") throw new Error(`padding ${padding} is not computed in this page`);
  const many = Math.ceil(size / stride);
  return [many, Math.floor(Math.max(0, (many - 1) * stride + span - size) / 2)];
}

// visit(at, from, tap): for each place of the output, and each tap of the window within the picture.
function laid([rows, height, width], [high, wide], { strides, dilations = [1, 1, 1, 1], padding, data_format: format = "NHWC" }, visit) {
  if (format !== "NHWC") throw new Error(`${format} is not computed in this page`);
  const [down, top] = along(height, high, strides[1], dilations[1], padding);
  const [right, left] = along(width, wide, strides[2], dilations[2], padding);
  for (let at = 0; at < rows * down * right; at++) {
    const [n, i, j] = [Math.floor(at / (down * right)), Math.floor(at / right) % down, at % right];
    for (let tap = 0; tap < high * wide; tap++) {
      const y = i * strides[1] - top + Math.floor(tap / wide) * dilations[1];
      const x = j * strides[2] - left + (tap % wide) * dilations[2];
      if (y >= 0 && y < height && x >= 0 && x < width) visit(at, (n * height + y) * width + x, tap);
    }
  }
  return [rows, down, right];
}

function conv2D([pictures, filter], attrs) {
  const [high, wide, channels, out] = filter.shape;
  if (pictures.shape[3] !== channels) throw new Error("groups of channels are not computed in this page");
  const sums = [];
  const shape = laid(pictures.shape, [high, wide], attrs, (at, from, tap) => {
    const sum = (sums[at] ??= new Float64Array(out));
    for (let c = 0; c < channels; c++) {
      const pixel = pictures.data[from * channels + c];
      for (let k = 0; k < out; k++) sum[k] += pixel * filter.data[(tap * channels + c) * out + k];
    }
  });
  const found = made(pictures.dtype, [...shape, out]);
  sums.forEach((sum, at) => found.data.set(sum, at * out));
  return [found];
}

export const WINDOWS = { Conv2D: conv2D };
