// How two partners match, in words.

import { short } from "../values.js";

const APART = "not to be told by a number";

// how: ["same" | "near" | ..., detail, apart].
export function relationText([how, detail, apart], rtol) {
  const far = apart === null ? APART : `${short(apart)} apart at most`;
  if (how === "same") return rtol ? `the same, within ${short(rtol)} of its largest number` : "the same";
  if (how === "near") return `near, within the tolerance: ${far}`;
  if (how === "different") return `differs: ${[far, detail].filter(Boolean).join("; ")}`;
  return `the same numbers, ${how}${detail ? `: ${detail}` : ""}`;
}

export function briefly([how, detail, apart]) {
  if (how === "different") return apart === null ? detail || APART : `${short(apart)} apart`;
  return how;
}
